import type { ChatSettings } from '../../../schemas/chat'
import { fromTimestamp } from '../../../src/core/timestamp'
import type { GroupRow, GroupRows } from '../tables/groups'

const flag = (given: boolean | undefined, present: number) => (given === undefined ? present : given ? 1 : 0)

/** A mute that is over is none. */
function muteOf(mutedUntil: string | null, now: number): number {
  const until = mutedUntil === null ? 0 : fromTimestamp(mutedUntil)
  return until > now ? until : 0
}

/** Saves the owner's settings for their own view of a group, if they change anything. */
export function withGroupSettings(groups: GroupRows, row: GroupRow, settings: ChatSettings, now: number) {
  const { pinned, archived, markedUnread, mutedUntil, notifyMentions } = settings
  const changed: GroupRow = {
    ...row,
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
