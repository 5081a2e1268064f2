import type { GroupContext } from '../context'

/**
 * Goes on after the storage of the group was restored from a backup. What happened since is forgotten here, but not by
 * mailboxes and clients: so the numbers of changes go on above all that were given out, every membership and every end of
 * one is told anew, under a number that overrides what mailboxes believe, and no client continues from a cursor of before.
 */
export function goOn({ facts, members, now }: GroupContext) {
  const { row } = facts
  // No group makes a change in each millisecond of its life.
  const seq = Math.max(row.seq + 1, now)
  facts.save({ ...row, seq, common_seq: seq, told: seq, told_common: seq, changed_at: now, restored: 0 })
  for (const member of members.all())
    members.save({
      ...{ ...member, since: seq, seq, mark_seq: 0, own_seq: 0 },
      ...{ hushed_at: 0, owed: 1, attempts: 0, retry_at: now },
    })
}
