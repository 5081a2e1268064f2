import type { Chat } from '../../../schemas/chat'
import type { Message, MessageStatus, Reaction } from '../../../schemas/message'
import { toUser } from '../../../schemas/user'
import { toTimestamp, toTimestampOrNull } from '../../../src/core/timestamp'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import { attachmentsOf, find, ownReactionsOf, peerReactionsOf } from '../tables/messages'
import { visibleQuote } from './quotes'
import { isRequest } from './requests'

/** Refused by the peer's mailbox, and passed by a later message. Until then, the owner must not notice. */
const isUndelivered = (row: MessageRow, chat: ChatRow) => row.refused === 1 && row.id <= chat.delivered_id

const statusOf = (row: MessageRow, chat: ChatRow): MessageStatus | null => {
  if (!row.mine) return null
  if (row.refused) return 'sent'
  if (row.id <= chat.peer_read_id) return 'read'
  return row.id <= chat.delivered_id ? 'delivered' : 'sent'
}

function toReactions(userId: string, row: MessageRow): Reaction[] {
  const own = ownReactionsOf(row).map(({ emoji }) => ({ emoji, userId }))
  const peers = peerReactionsOf(row).map((emoji) => ({ emoji, userId: row.chat_id }))
  const byEmoji = Map.groupBy([...own, ...peers], ({ emoji }) => emoji)
  return [...byEmoji].map(([emoji, reactions]) => ({ emoji, userIds: reactions.map((reaction) => reaction.userId) }))
}

export const toMessage = (context: CallerContext, row: MessageRow, chat: ChatRow): Message => ({
  id: row.id,
  chatId: row.chat_id,
  senderId: row.mine ? context.userId : row.chat_id,
  clientMessageId: row.client_message_id,
  text: row.text,
  attachments: attachmentsOf(row).map(({ fileId, name, contentType, size }) => ({
    fileId,
    name,
    contentType,
    size,
    url: context.link(fileId),
  })),
  replyTo: visibleQuote(context, row),
  reactions: toReactions(context.userId, row),
  status: statusOf(row, chat),
  undelivered: isUndelivered(row, chat),
  createdAt: toTimestamp(row.created_at),
  editedAt: toTimestampOrNull(row.edited_at),
  deletedAt: toTimestampOrNull(row.deleted_at),
})

/** The row of a chat's latest visible message, if it has one. */
const lastMessageOf = ({ sql }: CallerContext, { peer_id, last_message_id }: ChatRow) =>
  last_message_id ? find(sql, peer_id, last_message_id) : undefined

export function toChat(context: CallerContext, chat: ChatRow, last = lastMessageOf(context, chat)): Chat {
  return {
    id: chat.peer_id,
    kind: chat.peer_id === context.userId ? 'self' : 'direct',
    peer: chat.peer === null ? null : toUser(JSON.parse(chat.peer), context.avatarLink),
    lastMessage: last ? toMessage(context, last, chat) : null,
    unreadCount: chat.unread_count,
    markedUnread: chat.marked_unread === 1,
    pinned: chat.pinned === 1,
    mutedUntil: toTimestampOrNull(chat.muted_until || null),
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
  }
}
