import type { GroupFacts, GroupHead, GroupMessage, GroupReaction } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import type { GroupContext, MemberContext } from '../context'
import { type FactsRow, toFacts } from '../tables/facts'
import { isHidden } from '../tables/hidden'
import { floorOf, type MemberRow, type Members } from '../tables/members'
import { before, eventOf, find, type GroupMessageRow, mentionsOf, reactionsOf, type View } from '../tables/messages'
import * as reactions from '../tables/reactions'

/** What members get to see of a group, each for one of them. */

export const viewOf = (member: MemberRow): View => ({ userId: member.user_id, floor: floorOf(member) })

/** Whether read marks are for all members to see: in a large group they would be most of what happens. */
export const showsMarks = (members: Members) => members.present().length <= limits.groupMarksShownMax

export const factsOf = ({ groupId, facts, members }: GroupContext): GroupFacts =>
  toFacts(groupId, facts.row, members.present().length)

/** The reactions of which the message does not say whether they are the member's own. */
const unclear = (rows: readonly GroupMessageRow[], userId: string) =>
  rows.flatMap((row) =>
    reactionsOf(row)
      .filter(({ count, userIds }) => count > userIds.length && !userIds.includes(userId))
      .map(({ emoji }) => ({ messageId: row.id, emoji })),
  )

function toReactions(row: GroupMessageRow, userId: string, own: ReadonlySet<string>): GroupReaction[] {
  return reactionsOf(row).map(({ emoji, count, userIds }) => ({
    emoji,
    count,
    own: userIds.includes(userId) || own.has(row.id + emoji),
    userIds,
  }))
}

/** A quote of what the member may not see has no text. */
function toQuote({ reply_to }: GroupMessageRow, floor: string): GroupMessage['replyTo'] {
  if (reply_to === null) return null
  const quote = JSON.parse(reply_to)
  return quote.id > floor ? quote : { ...quote, text: '' }
}

export function toMessages({ sql }: GroupContext, me: MemberRow, rows: readonly GroupMessageRow[]): GroupMessage[] {
  const own = reactions.ownOf(sql, me.user_id, unclear(rows, me.user_id))
  const floor = me.visible_after
  return rows.map((row) => ({
    id: row.id,
    senderId: row.sender_id,
    clientMessageId: row.sender_id === me.user_id ? row.client_message_id : null,
    text: row.text,
    attachments: row.attachments === null ? [] : JSON.parse(row.attachments),
    metadata: row.metadata,
    replyTo: toQuote(row, floor),
    mentions: mentionsOf(row),
    reactions: toReactions(row, me.user_id, own),
    event: eventOf(row),
    pinnedAt: row.pinned_at,
    createdAt: row.created_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
  }))
}

export function toMessage(context: GroupContext, me: MemberRow, row: GroupMessageRow): GroupMessage {
  const [message] = toMessages(context, me, [row])
  if (!message) throw new Error('One row makes one message')
  return message
}

/** Up to where all others have read; null where marks are not for all to see, and without others. */
export function readByAll({ members }: GroupContext, me: MemberRow): string | null {
  if (!showsMarks(members)) return null
  const others = members.present().filter(({ user_id }) => user_id !== me.user_id)
  if (others.length === 0) return null
  return others.map(({ read_id }) => read_id).reduce((a, b) => (b < a ? b : a)) || null
}

const latest = new WeakMap<FactsRow, GroupMessageRow | undefined>()

/** The latest message, which is the same for almost everybody: read once until the next change. */
function latestOf({ sql, facts }: GroupContext): GroupMessageRow | undefined {
  if (!latest.has(facts.row)) latest.set(facts.row, find(sql, facts.row.greatest_id))
  return latest.get(facts.row)
}

function lastSeenBy(context: GroupContext, me: MemberRow): GroupMessageRow | undefined {
  const { sql } = context
  const last = latestOf(context)
  if (last && last.id > floorOf(me) && (me.own_seq === 0 || !isHidden(sql, me.user_id, last.id))) return last
  return before(sql, viewOf(me), '~', 1)[0]
}

/** The chat of the group, as a member sees it now. */
export function headOf(context: GroupContext, me: MemberRow): GroupHead {
  const { facts, unread } = context
  const last = lastSeenBy(context, me)
  const counts = unread.of(me)
  return {
    version: facts.row.seq,
    facts: factsOf(context),
    role: me.role,
    joinRequestCount: me.role === 'member' ? null : facts.row.join_request_count,
    lastMessage: last ? toMessage(context, me, last) : null,
    unreadCount: counts.unread,
    mentionCount: counts.mentions,
    lastMentionId: counts.lastMentionId,
    readId: me.read_id || null,
    readByAllId: readByAll(context, me),
    clearedId: me.cleared_id || null,
  }
}

export const myHead = (context: MemberContext) => headOf(context, context.me)
