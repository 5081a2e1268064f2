import type { ChatSettings } from '../../../schemas/chat'
import type { GroupHead } from '../../../src/core/group'
import { fromTimestamp } from '../../../src/core/timestamp'
import type { GroupRow, GroupRows } from '../tables/groups'

const flag = (given: boolean | undefined, present: number) => (given === undefined ? present : given ? 1 : 0)

const firstSeen = (head: GroupHead) => ({
  checked: head.version,
  head: JSON.stringify(head),
  last_message_id: head.lastMessage?.id ?? '',
})

/** A mute that is over is none. */
function muteOf(mutedUntil: string | null, now: number): number {
  const until = mutedUntil === null ? 0 : fromTimestamp(mutedUntil)
  return until > now ? until : 0
}

/**
 * Saves the owner's settings for their own view of a group, if they change anything. A group that has not been asked since
 * the owner joined has no head yet: without one, the owner's devices would not be shown the change.
 */
export function withGroupSettings(
  groups: GroupRows,
  row: GroupRow,
  { settings, head }: { settings: ChatSettings; head: GroupHead },
  now: number,
) {
  const { pinned, archived, markedUnread, mutedUntil, notifyMentions } = settings
  const changed: GroupRow = {
    ...row,
    ...(row.head === null && firstSeen(head)),
    pinned: flag(pinned, row.pinned),
    archived: flag(archived, row.archived),
    marked_unread: flag(markedUnread, row.marked_unread),
    notify_mentions: flag(notifyMentions, row.notify_mentions),
    muted_until: mutedUntil === undefined ? row.muted_until : muteOf(mutedUntil, now),
  }
  const isSame = (['pinned', 'archived', 'marked_unread', 'notify_mentions', 'muted_until'] as const).every(
    (one) => changed[one] === row[one],
  )
  if (!isSame) groups.saveVisible(changed, now)
}
