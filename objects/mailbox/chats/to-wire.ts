import type { Chat } from '../../../schemas/chat'
import { type Message, type MessageStatus, type Reaction, toAttachment } from '../../../schemas/message'
import type { User } from '../../../schemas/user'
import type { ReactionPlace } from '../../../schemas/user-reaction'
import { asJsonText, type JsonText, jsonText } from '../../../src/core/json-text'
import { metadataOf } from '../../../src/core/metadata'
import { lastTime, toTimestamp, toTimestampOrNull } from '../../../src/core/timestamp'
import { shownPeer } from '../contacts/shown-user'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import * as messages from '../tables/messages'
import { type PageRow, pageRowsAt, type ShownMessage, wholeRow } from '../tables/shown-message'
import { visibleQuote } from './quotes'
import { isRequest } from './requests'

/** Refused by the peer's mailbox, and passed by a later message. Until then, the owner must not notice. */
const isUndelivered = (row: Pick<PageRow, 'id' | 'refused'>, chat: ChatRow) =>
  row.refused === 1 && row.id <= chat.delivered_id

/** How far a message has gotten with the peer; null for what the peer wrote. */
export const statusOf = (row: Pick<PageRow, 'id' | 'mine' | 'refused'>, chat: ChatRow): MessageStatus | null => {
  if (!row.mine) return null
  if (row.refused) return 'sent'
  if (row.id <= chat.peer_read_id) return 'read'
  return row.id <= chat.delivered_id ? 'delivered' : 'sent'
}

/** The order in which reactions were added. */
export const inOrder = (a: ReactionPlace, b: ReactionPlace) =>
  a.at - b.at || compare(a.emoji, b.emoji) || compare(a.userId, b.userId)

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)

/** Both sides know when each reaction was added, and so show the same order. */
export function placedReactions(userId: string, row: ShownMessage): ReactionPlace[] {
  const at = messages.peerReactedAt(row)
  const own = messages.ownReactionsOf(row).map((one) => ({ emoji: one.emoji, userId, at: one.at ?? 0 }))
  const peers = messages.peerReactionsOf(row).map((emoji) => ({ emoji, userId: row.chat_id, at: at[emoji] ?? 0 }))
  return [...own, ...peers].toSorted(inOrder)
}

/** By when an emoji first came. */
function toReactions(userId: string, row: ShownMessage): Reaction[] {
  const byEmoji = Map.groupBy(placedReactions(userId, row), ({ emoji }) => emoji)
  return [...byEmoji].map(([emoji, reactions]) => {
    const userIds = reactions.map((reaction) => reaction.userId)
    return { emoji, count: userIds.length, own: userIds.includes(userId), userIds }
  })
}

export const toMessage = (context: CallerContext, row: ShownMessage, chat: ChatRow): Message => ({
  id: row.id,
  chatId: row.chat_id,
  senderId: row.mine ? context.userId : row.chat_id,
  clientMessageId: row.client_message_id,
  text: row.text,
  attachments: messages.attachmentsOf(row).map((file) => toAttachment(file, context.link)),
  metadata: metadataOf(messages.storedMetadata(row)),
  replyTo: visibleQuote(context, row),
  mentions: [],
  event: null,
  pinnedAt: null,
  reactions: toReactions(context.userId, row),
  status: statusOf(row, chat),
  undelivered: isUndelivered(row, chat),
  createdAt: toTimestamp(row.created_at),
  editedAt: toTimestampOrNull(row.edited_at),
  deletedAt: toTimestampOrNull(row.deleted_at),
})

/**
 * The JSON of `toMessage`. That of a plain message is put together without an object, which takes two thirds of the time
 * of a page.
 */
export function messageText(context: CallerContext, row: PageRow, chat: ChatRow): JsonText<Message> {
  if (row.rare !== null) return jsonText(toMessage(context, wholeRow(chat.peer_id, row), chat))
  const senderId = row.mine ? context.userId : chat.peer_id
  const status = statusOf(row, chat)
  return asJsonText(
    `{"id":"${row.id}","chatId":"${chat.peer_id}","senderId":"${senderId}","clientMessageId":${JSON.stringify(row.client_message_id)},"text":${JSON.stringify(row.text)},"attachments":[],"metadata":null,"replyTo":null,"mentions":[],"event":null,"pinnedAt":null,"reactions":[],"status":${status && `"${status}"`},"undelivered":${isUndelivered(row, chat)},"createdAt":"${toTimestamp(row.created_at)}","editedAt":null,"deletedAt":null}`,
  )
}

/** What a chat's latest visible message is shown from, if it has one. */
const lastMessageOf = ({ sql }: CallerContext, { peer_id, last_message_id }: ChatRow) =>
  last_message_id ? pageRowsAt(sql, [{ chatId: peer_id, id: last_message_id }])[0] : undefined

const beforeLastMessage = (context: CallerContext, chat: ChatRow) => ({
  id: chat.peer_id,
  kind: chat.peer_id === context.userId ? ('self' as const) : ('direct' as const),
  peer: shownPeer(context, chat),
  group: null,
  version: null,
})

const afterLastMessage = (context: CallerContext, chat: ChatRow) => ({
  unreadCount: chat.unread_count,
  mentionCount: 0,
  markedUnread: chat.marked_unread === 1,
  pinned: chat.pinned === 1,
  mutedUntil: chat.muted_until > context.now ? toTimestamp(Math.min(chat.muted_until, lastTime)) : null,
  notifyMentions: false,
  archived: chat.archived === 1,
  request: isRequest(chat),
  lastReadMessageId: chat.read_id || null,
  deliveredUpToMessageId: chat.delivered_id || null,
  readUpToMessageId: chat.peer_read_id || null,
  clearedUpTo:
    chat.cleared_own_id || chat.cleared_peer_id
      ? { own: chat.cleared_own_id || null, peer: chat.cleared_peer_id || null }
      : null,
  updatedAt: toTimestamp(chat.updated_at),
})

export const toChat = (context: CallerContext, chat: ChatRow, last = lastMessageOf(context, chat)): Chat => ({
  ...beforeLastMessage(context, chat),
  lastMessage: last ? toMessage(context, wholeRow(chat.peer_id, last), chat) : null,
  ...afterLastMessage(context, chat),
})

/** The JSON of a chat around that of its last message. */
interface ChatFrame {
  peer: User | null
  before: string
  after: string
}

const chatFrames = new WeakMap<ChatRow, ChatFrame>()

/** Kept with the row while its peer is shown alike, unless it depends on the time. */
function frameOf(context: CallerContext, chat: ChatRow): ChatFrame {
  const peer = shownPeer(context, chat)
  const known = chatFrames.get(chat)
  if (known?.peer === peer) return known
  const before = JSON.stringify(beforeLastMessage(context, chat)).slice(0, -1)
  const after = JSON.stringify(afterLastMessage(context, chat)).slice(1)
  const frame = { peer, before, after }
  if (chat.muted_until === 0) chatFrames.set(chat, frame)
  return frame
}

/** The JSON of `toChat`, for a last message that was read already. */
export function chatText(context: CallerContext, chat: ChatRow, last: PageRow | undefined): JsonText<Chat> {
  const { before, after } = frameOf(context, chat)
  return asJsonText(`${before},"lastMessage":${last ? messageText(context, last, chat) : null},${after}`)
}
