import { limits } from '../../../src/core/limits'
import { timeLimit } from '../../durable/time-limit'
import { type GroupStub, isOut } from '../../group/shapes'
import type { MailboxStore } from '../store'
import { exit } from './rows'

/** Leaves all groups, a slice at a time, for an account that is being erased. Rejects if a group does not answer. */
export async function leaveGroups(store: MailboxStore, groupOf: (groupId: string) => GroupStub) {
  const slice = store.groups.toLeave().slice(0, limits.groupChecksAtOnce)
  await Promise.all(
    slice.map(async ({ group_id: groupId, since, state }) => {
      if (state === 'requested') return withdraw(store, groupOf(groupId), groupId)
      const asked = groupOf(groupId).leave(store.userId)
      const answer = await timeLimit(asked, limits.groupCallMs, 'A group did not answer in time')
      if (answer.ok) store.write((context) => exit(context, groupId, answer.value))
      else if (isOut(answer)) store.write((context) => exit(context, groupId, Math.max(answer.out, since + 1)))
    }),
  )
}

/** Whatever the group answers, it does not know of a request any more. */
async function withdraw(store: MailboxStore, group: GroupStub, groupId: string) {
  const asked = group.declineRequest(store.userId, store.userId)
  await timeLimit(asked, limits.groupCallMs, 'A group did not answer in time')
  store.write(({ groups }) => {
    const row = groups.find(groupId)
    if (row?.state === 'requested') groups.save({ ...row, state: 'left' })
  })
}
