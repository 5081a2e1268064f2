import { limits } from '../../../src/core/limits'
import { timeLimit } from '../../durable/time-limit'
import type { GroupStub } from '../../group/shapes'
import type { MailboxStore } from '../store'

/**
 * Leaves all groups, and has those that the owner was ever in forget the name, a slice at a time, for an account that is
 * being erased. Rejects if a group does not answer.
 */
export async function leaveGroups(store: MailboxStore, groupOf: (groupId: string) => GroupStub) {
  const slice = store.groups.acquainted().slice(0, limits.groupChecksAtOnce)
  const calls = slice.map(async (row) => {
    const asked = groupOf(row.group_id).forgetAccount(store.userId)
    await timeLimit(asked, limits.groupCallMs, 'A group did not answer in time')
    return row
  })
  const answers = await Promise.allSettled(calls)
  const forgotten = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  store.write(({ groups }) => {
    for (const row of forgotten) groups.save({ ...row, state: 'forgotten', head: null, dirty: 0 })
  })
  await Promise.all(calls)
}
