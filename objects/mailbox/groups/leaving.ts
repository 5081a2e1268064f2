import { limits } from '../../../src/core/limits'
import { timeLimit } from '../../durable/time-limit'
import { type GroupStub, isOut } from '../../group/shapes'
import type { MailboxStore } from '../store'
import { exit } from './rows'

/** Leaves all groups, a slice at a time, for an account that is being erased. Rejects if a group does not answer. */
export async function leaveGroups(store: MailboxStore, groupOf: (groupId: string) => GroupStub) {
  const slice = store.groups.joined().slice(0, limits.groupChecksAtOnce)
  await Promise.all(
    slice.map(async ({ group_id: groupId, since }) => {
      const asked = groupOf(groupId).leave(store.userId)
      const answer = await timeLimit(asked, limits.groupCallMs, 'A group did not answer in time')
      if (answer.ok) store.write((context) => exit(context, groupId, answer.value))
      else if (isOut(answer)) store.write((context) => exit(context, groupId, Math.max(answer.out, since + 1)))
    }),
  )
}
