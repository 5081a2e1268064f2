import type { GroupHead } from '../../../src/core/group'
import type { Membership } from '../../group/shapes'
import type { MailboxContext } from '../context'
import { type GroupRow, newGroupRow } from '../tables/groups'

/**
 * What the mailbox learns of the owner's groups. Memberships and their ends are numbered by the group: what is older than
 * what is known changes nothing.
 */

/** The owner is in a group. Returns the row, or undefined if a later end of that membership is known. */
export function enter(
  context: MailboxContext,
  groupId: string,
  since: number,
  profile_revision: number,
): GroupRow | undefined {
  const { groups } = context
  const row = groups.find(groupId)
  if (row && row.state !== 'creating' && since <= row.since)
    return row.state === 'in' && since === row.since ? row : undefined
  const known = row ?? newGroupRow(groupId)
  // The number stays: the greatest of all is that of the mailbox, which never goes back.
  const { client_group_id, request_hash, seq } = known
  // A restored group gives a membership a new number. Whoever has left finds the group as a new one.
  const { pinned, archived, muted_until, notify_mentions } = known.state === 'in' ? known : newGroupRow(groupId)
  const own = { client_group_id, request_hash, seq, pinned, archived, muted_until, notify_mentions }
  return groups.save({ ...newGroupRow(groupId), ...own, since, profile_revision })
}

/** The owner is no longer in a group. */
export function exit(context: MailboxContext, groupId: string, since: number) {
  const { groups, now } = context
  const row = groups.find(groupId) ?? newGroupRow(groupId)
  if (row.state === 'creating' || since <= row.since) return
  const { client_group_id, request_hash, seq } = row
  const left: GroupRow = { ...newGroupRow(groupId), client_group_id, request_hash, seq, state: 'left', since, dirty: 0 }
  // What nobody was shown is only remembered: the answer that it is the end of can still be on its way.
  if (groups.member(groupId)) groups.saveVisible(left, now)
  else groups.save(left)
}

/** The owner has asked to become a member, which ends with the account. */
export function noteRequest({ groups }: MailboxContext, groupId: string) {
  const row = groups.find(groupId) ?? { ...newGroupRow(groupId), state: 'left' }
  if (row.state === 'left') groups.save({ ...row, state: 'requested', dirty: 0 })
}

/** The group has said how it looks to the owner. `dirty` says whether it has changed since it was asked. */
export function learn(context: MailboxContext, groupId: string, membership: Membership, dirty: boolean) {
  const { since, seq, head, profileRevision } = membership
  const row = enter(context, groupId, since, profileRevision)
  if (!row) return
  const { groups, now } = context
  const isNews = row.head === null || seq > row.checked
  const learned: GroupRow = {
    ...row,
    dirty: dirty ? 1 : 0,
    checked_at: now,
    profile_revision: Math.max(row.profile_revision, profileRevision),
    ...(isNews && { checked: seq, head: JSON.stringify(head), last_message_id: head.lastMessage?.id ?? '' }),
    ...(isNews && isNewMessage(row, head) && { archived: staysArchived(row, head, now) }),
  }
  if (isNews) groups.saveVisible(learned, now)
  else groups.save(learned)
}

const isNewMessage = (row: GroupRow, { lastMessage }: GroupHead) => (lastMessage?.id ?? '') > row.last_message_id

const isNewMention = (row: GroupRow, { lastMentionId }: GroupHead) => (lastMentionId ?? '') > row.last_message_id

/** A new message unarchives a chat, unless the chat is muted: also for it, if it is a mention and those are let through. */
const staysArchived = (row: GroupRow, head: GroupHead, now: number) =>
  row.muted_until > now && !(row.notify_mentions === 1 && isNewMention(row, head)) ? row.archived : 0
