import { createHash } from 'node:crypto'
import type { Chat, UnreadCount } from '../../../schemas/chat'
import type { Message, NewMessage } from '../../../schemas/message'
import { idTime, mintId } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import type { Profile } from '../../../src/core/profile'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Box, CallerBox } from '../context'
import * as files from '../files'
import { spend } from '../limits/quotas'
import { type ChatRow, newChat } from '../tables/chats'
import type { MessageRow } from '../tables/messages'
import * as messages from '../tables/messages'
import * as search from './search'
import { toChat, toMessage } from './to-wire'

/**
 * What the owner of a mailbox does in a chat. Each function is one synchronous block: it changes the owner's rows and
 * leaves what the peer must learn to the feeds.
 */

const requestHash = (chatId: string, { text, attachmentFileIds, replyToId }: NewMessage) =>
  createHash('sha256')
    .update(JSON.stringify([chatId, text ?? '', attachmentFileIds ?? [], replyToId ?? null]))
    .digest('base64url')

/** A later id than any held in the chat, even when clocks went back: an answer never sorts before what it answers. */
function mintMessageId(chat: ChatRow, now: number) {
  const floor = chat.greatest_id ? idTime(chat.greatest_id) + 1 : 0
  return mintId('message', Math.max(now, floor))
}

function quote(box: Box, chat: ChatRow, replyToId: string) {
  const row = messages.findVisible(box.sql, chat, replyToId)
  if (!row || row.deleted_at) return undefined
  return { id: row.id, senderId: row.mine ? box.userId : chat.peer_id, text: row.text }
}

interface Sent {
  message: Message
  /** False when the message was made by an earlier call. */
  created: boolean
}

/**
 * Stores a message of the owner's, once for each client message id. `peer` is the peer's profile when the caller has
 * looked it up; without it a chat that does not exist yet is refused.
 */
export function send(box: CallerBox, chatId: string, input: NewMessage, peer: Profile | null): Outcome<Sent> {
  const hash = requestHash(chatId, input)
  const known = messages.findByClientId(box.sql, input.clientMessageId)
  if (known) return repeat(box, known, hash)

  const toSelf = chatId === box.userId
  const held = box.chats.find(chatId)
  const chat = held ?? (toSelf || peer ? newChat(chatId, peer) : undefined)
  if (!chat || chat.peer_gone) return refuse('chat_not_found')
  if (box.blocks.isBlocked(chatId)) return refuse('blocked_by_you')
  if (chat.pending_count >= limits.undeliveredMax) return refuse('too_many_undelivered')

  const attached = files.own(box.sql, input.attachmentFileIds ?? [])
  if (!attached.ok) return attached
  const replyTo = input.replyToId === undefined ? null : quote(box, chat, input.replyToId)
  if (replyTo === undefined)
    return refuse('reply_target_unusable', [
      {
        pointer: '/replyToId',
        code: 'reply_target_unusable',
        detail: 'No such message in this chat, or it was deleted.',
      },
    ])

  const wait = box.sends.wait(box.budgets.sends, box.now)
  if (wait !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: wait }

  // Whoever is written to first has a chat by then: what is charged are first words to strangers.
  const refused = held || toSelf ? null : spend(box, box.budgets.newChats, 1)
  if (refused) return { ok: false, code: 'new_chats_exhausted', retryAfterSeconds: refused.afterSeconds }

  box.sends.take(box.budgets.sends, box.now)
  const id = mintMessageId(chat, box.now)
  const seq = box.sequence.take()
  const row: MessageRow = {
    chat_id: chatId,
    id,
    seq,
    mine: 1,
    client_message_id: input.clientMessageId,
    request_hash: hash,
    text: input.text ?? '',
    attachments: attached.value.length > 0 ? JSON.stringify(attached.value) : null,
    reply_to_id: replyTo?.id ?? null,
    reply_to: replyTo && JSON.stringify(replyTo),
    own_reactions: null,
    peer_reactions: null,
    created_at: box.now,
    edited_at: null,
    deleted_at: null,
    hidden: 0,
    refused: 0,
    revision: null,
    content_revision: null,
  }
  messages.insert(box.sql, [row])
  search.index(box.sql, [row])
  const saved = box.chats.save({
    ...chat,
    seq,
    updated_at: box.now,
    last_message_id: id,
    greatest_id: id,
    own_id: id,
    archived: staysArchived(chat, box.now),
    ...(toSelf
      ? { delivered_id: id, peer_read_id: id }
      : { pending_id: chat.pending_id || id, pending_count: chat.pending_count + 1 }),
  })
  if (!toSelf) box.wakeBy(box.now + limits.deliveryAlarmMs)
  return done({ message: toMessage(box, row, saved), created: true })
}

/** A new message takes a chat out of the archive, unless it is muted. */
export const staysArchived = (chat: ChatRow, now: number) => (chat.muted_until > now ? chat.archived : 0)

function repeat(box: CallerBox, row: MessageRow, hash: string): Outcome<Sent> {
  const chat = box.chats.find(row.chat_id)
  if (!chat || row.request_hash !== hash)
    return refuse('client_message_id_reused', [
      { pointer: '/clientMessageId', code: 'client_message_id_reused', detail: 'It was used for another message.' },
    ])
  return done({ message: toMessage(box, row, chat), created: false })
}

/** Stamps a visible change of one message, and of its chat with it. */
export function saveChange(box: Box, chat: ChatRow, row: MessageRow, change: Partial<ChatRow> = {}) {
  const saved = box.chats.saveVisible({ ...chat, ...change }, box.now)
  const stamped = { ...row, seq: saved.seq }
  messages.update(box.sql, stamped)
  return { row: stamped, chat: saved }
}

/** Saves a change of the owner's own part and leaves it to the change feed. */
export function saveOwnChange(box: Box, chat: ChatRow, row: MessageRow) {
  const revision = chat.revision + 1
  const toSelf = chat.peer_id === box.userId
  if (!toSelf) box.wakeBy(box.now + limits.deliveryAlarmMs)
  return saveChange(box, chat, { ...row, revision }, { revision, ...(toSelf && { fed_revision: revision }) })
}

/** The same for the text, or the deletion, of an own message. */
const saveOwnContent = (box: Box, chat: ChatRow, row: MessageRow) =>
  saveOwnChange(box, chat, { ...row, content_revision: chat.revision + 1 })

interface Located {
  chat: ChatRow
  row: MessageRow
}

/** A visible message with its chat, or the refusal that tells nothing of others' chats. */
export function locate(box: Box, chatId: string, messageId: string): Outcome<Located> {
  const chat = box.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const row = messages.findVisible(box.sql, chat, messageId)
  return row ? done({ chat, row }) : refuse('message_not_found')
}

/** A message whose change the peer is going to see: not under a block of one's own, and not once it was deleted. */
export function locateForChange(box: Box, chatId: string, messageId: string): Outcome<Located> {
  const found = locate(box, chatId, messageId)
  if (!found.ok) return found
  if (box.blocks.isBlocked(chatId)) return refuse('blocked_by_you')
  return found.value.row.deleted_at ? refuse('message_deleted') : found
}

export function edit(box: CallerBox, chatId: string, messageId: string, text: string): Outcome<Message> {
  const found = locateForChange(box, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  if (!row.mine) return refuse('not_the_author')
  if (row.text === text) return done(toMessage(box, row, chat))
  const saved = saveOwnContent(box, chat, { ...row, text, edited_at: box.now })
  search.reindex(box.sql, saved.row)
  return done(toMessage(box, saved.row, saved.chat))
}

/** Blanks the quotes of a deleted message; the side that blanks needs to tell nobody, the other does the same. */
export function blankQuotes(box: Box, chat: ChatRow, messageId: string): ChatRow {
  return messages
    .quoting(box.sql, chat.peer_id, messageId)
    .filter((row) => messages.quoteOf(row)?.text)
    .reduce(
      (current, row) =>
        saveChange(box, current, { ...row, reply_to: row.reply_to && messages.blankQuote(row.reply_to) }).chat,
      chat,
    )
}

export function deleteForEveryone(box: CallerBox, chatId: string, messageId: string): Outcome<null> {
  const found = locate(box, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  if (!row.mine) return refuse('not_the_author')
  if (row.deleted_at) return done(null)
  if (box.blocks.isBlocked(chatId)) return refuse('blocked_by_you')
  const saved = saveOwnContent(box, chat, { ...row, ...messages.blank(box.now) })
  search.remove(box.sql, row)
  blankQuotes(box, saved.chat, messageId)
  return done(null)
}

/** Whether the peer's mailbox may not have the content of a row as it is now. */
export const isWaiting = (chat: ChatRow, row: MessageRow) =>
  row.mine === 1 &&
  chat.peer_gone === 0 &&
  ((chat.pending_id !== '' && row.id >= chat.pending_id) || (row.content_revision ?? 0) > chat.fed_revision)

/** Hides a message from its owner. The content goes at once, unless the peer still has to receive it. */
export function deleteForMe(box: CallerBox, chatId: string, messageId: string): Outcome<null> {
  const chat = box.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const row = messages.find(box.sql, chatId, messageId)
  if (!row || messages.isCleared(chat, row)) return refuse('message_not_found')
  if (row.hidden) return done(null)
  const unread = countsAsUnread(chat, row) ? 1 : 0
  const { row: hidden, chat: saved } = saveChange(
    box,
    chat,
    { ...row, hidden: 1, ...(!isWaiting(chat, row) && purged) },
    { unread_count: chat.unread_count - unread },
  )
  search.remove(box.sql, row)
  if (!row.mine) files.revoke(box.sql, chatId, hidden.id)
  if (chat.last_message_id === hidden.id)
    box.chats.save({ ...saved, last_message_id: messages.latestVisibleId(box.sql, saved) })
  return done(null)
}

/** The content that a hidden row loses. */
export const purged = { text: '', attachments: null, reply_to: null } satisfies Partial<MessageRow>

export const countsAsUnread = (chat: ChatRow, row: MessageRow) =>
  row.mine === 0 &&
  row.hidden === 0 &&
  row.deleted_at === null &&
  row.id > chat.read_id &&
  row.id > chat.cleared_peer_id

/** Moves the read mark up to the latest incoming message held that is not above `upTo`; it never moves back. */
export function markRead(box: CallerBox, chatId: string, upTo: string): Outcome<Chat> {
  const found = locate(box, chatId, upTo)
  if (!found.ok) return found
  const { chat } = found.value
  const read = messages.greatestUnread(box.sql, chat, upTo)
  if (!read)
    return done(toChat(box, chat.marked_unread ? box.chats.saveVisible({ ...chat, marked_unread: 0 }, box.now) : chat))
  box.wakeBy(box.now + limits.deliveryAlarmMs)
  const marked = {
    ...chat,
    read_id: read,
    unread_count: unreadAbove(box.sql, chat, read),
    marked_unread: 0,
    state_revision: chat.state_revision + 1,
  }
  return done(toChat(box, box.chats.saveVisible(marked, box.now)))
}

/** What stays unread above a new mark: nothing above the peer's last message, else less what the mark passes. */
function unreadAbove(sql: SqlStorage, chat: ChatRow, mark: string): number {
  if (mark === chat.peer_own_id) return 0
  const floor = chat.read_id > chat.cleared_peer_id ? chat.read_id : chat.cleared_peer_id
  return chat.unread_count - messages.countUnread(sql, chat.peer_id, floor, mark)
}

export function getMessage(box: CallerBox, chatId: string, messageId: string): Outcome<Message> {
  const found = locate(box, chatId, messageId)
  return found.ok ? done(toMessage(box, found.value.row, found.value.chat)) : found
}

export function getChat(box: CallerBox, chatId: string): Outcome<Chat> {
  const chat = box.chats.find(chatId)
  return chat ? done(toChat(box, chat)) : refuse('chat_not_found')
}

export function unreadCount(box: CallerBox): Outcome<UnreadCount> {
  const unread = box.chats.all().filter((chat) => chat.unread_count > 0)
  return done({ messages: unread.reduce((sum, chat) => sum + chat.unread_count, 0), chats: unread.length })
}
