import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'

/**
 * Shared by the owner's actions and the feeds: how a message is found, how a change to it is saved, and what a change
 * means for its chat.
 */

/** Saves a visible change to one message and to its chat, both stamped with the same number. */
export function saveChange(context: MailboxContext, chat: ChatRow, row: MessageRow, change: Partial<ChatRow> = {}) {
  const saved = context.chats.saveVisible({ ...chat, ...change }, context.now)
  const stamped = { ...row, seq: saved.seq }
  messages.update(context.sql, stamped)
  return { row: stamped, chat: saved }
}

/** Charges a change of a message like a message sent. Returns the chat to save with the change. */
export function chargeChange({ sendRate, quotas, now }: MailboxContext, chat: ChatRow): Outcome<ChatRow> {
  const wait = sendRate.wait(quotas.sendRate, now)
  if (wait !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: wait }
  return done(sendRate.take(chat, quotas.sendRate, now))
}

/** Saves a change to the owner's part of a message and leaves it to the change feed. */
export function saveOwnChange(context: MailboxContext, chat: ChatRow, row: MessageRow) {
  const revision = chat.revision + 1
  const toSelf = chat.peer_id === context.userId
  return saveChange(context, chat, { ...row, revision }, { revision, ...(toSelf && { fed_revision: revision }) })
}

/** The same for the content or the deletion of the owner's message. */
export const saveOwnContent = (context: MailboxContext, chat: ChatRow, row: MessageRow) =>
  saveOwnChange(context, chat, { ...row, content_revision: chat.revision + 1 })

export interface LocatedMessage {
  chat: ChatRow
  row: MessageRow
}

/** Finds a visible message with its chat. A refusal reveals nothing about other people's chats. */
export function locateMessage(context: MailboxContext, chatId: string, messageId: string): Outcome<LocatedMessage> {
  const chat = context.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const row = messages.findVisible(context.sql, chat, messageId)
  return row ? done({ chat, row }) : refuse('message_not_found')
}

/**
 * Finds a message for a change that the peer will see. Refuses while the owner blocks the peer, and once the message is
 * deleted.
 */
export function locateForChange(context: MailboxContext, chatId: string, messageId: string): Outcome<LocatedMessage> {
  const found = locateMessage(context, chatId, messageId)
  if (!found.ok) return found
  if (context.blocks.isBlocked(chatId)) return refuse('blocked_by_you')
  return found.value.row.deleted_at ? refuse('message_deleted') : found
}

/** Whether the peer's mailbox might lack the current content of a row. */
export const isWaiting = (chat: ChatRow, row: MessageRow) =>
  row.mine === 1 &&
  chat.peer_gone === 0 &&
  ((chat.pending_id !== '' && row.id >= chat.pending_id) ||
    // A later change of the row moves it behind others in the feed, and its content with it.
    (row.content_revision !== null && (row.revision ?? 0) > chat.fed_revision))

/** The content that a hidden row loses. */
export const purged = {
  text: '',
  attachments: null,
  metadata: null,
  reply_to: null,
  peer_reacted_at: null,
} satisfies Partial<MessageRow>

export const countsAsUnread = (chat: ChatRow, row: MessageRow) =>
  row.mine === 0 &&
  row.hidden === 0 &&
  row.deleted_at === null &&
  row.id > chat.read_id &&
  row.id > chat.cleared_peer_id

/** A new message unarchives a chat, unless the chat is muted. */
export const staysArchived = (chat: ChatRow, now: number) => (chat.muted_until > now ? chat.archived : 0)
