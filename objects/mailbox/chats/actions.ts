import type { Chat, UnreadCount } from '../../../schemas/chat'
import { type Message, needsContent } from '../../../schemas/message'
import { type JsonObject, metadataText } from '../../../src/core/metadata'
import type { Profile } from '../../../src/core/profile'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { isInAudience } from '../contacts/audiences'
import type { CallerContext } from '../context'
import { revokeFiles } from '../files/grants'
import type { ChatRow } from '../tables/chats'
import { headOf } from '../tables/groups'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'
import { latestVisibleId, skipMessage } from '../tables/visible-messages'
import { forgetWords } from './indexing'
import {
  chargeChange,
  countsAsUnread,
  isWaiting,
  locateForChange,
  locateMessage,
  purged,
  saveChange,
  saveOwnContent,
} from './message-changes'
import { blankQuotes } from './quotes'
import { chargeRequest, isRequest } from './requests'
import { toChat, toMessage } from './to-wire'

/**
 * The owner's actions in a chat. Each function is one synchronous block: it changes the owner's rows and leaves what
 * the peer must learn to the feeds.
 */

/** The parts of a message that its author can change; what is undefined stays. */
export interface Edit {
  text?: string | undefined
  metadata?: JsonObject | null | undefined
}

type Editable = Pick<MessageRow, 'text' | 'metadata'>

const edited = (row: Editable, { text, metadata }: Edit): Editable => ({
  text: text ?? row.text,
  metadata: metadata === undefined ? row.metadata : metadataText(metadata),
})

const bytesOf = ({ text, metadata }: Editable) => Buffer.byteLength(text) + Buffer.byteLength(metadata ?? '')

const nothingLeft = ({ text }: Edit) =>
  refuse('invalid_request', [
    { pointer: text === undefined ? '/metadata' : '/text', code: 'custom', detail: needsContent },
  ])

export function editMessage(context: CallerContext, chatId: string, messageId: string, edit: Edit): Outcome<Message> {
  const found = locateForChange(context, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  if (!row.mine) return refuse('not_the_author')
  const content = edited(row, edit)
  if (content.text === '' && content.metadata === null && row.attachments === null) return nothingLeft(edit)
  if (content.text === row.text && content.metadata === row.metadata) return done(toMessage(context, row, chat))
  if (bytesOf(content) > bytesOf(row) && context.isFull()) return refuse('mailbox_full')
  const requested = chargeRequest(chat, 0, bytesOf(content))
  if (!requested.ok) return requested
  const charged = chargeChange(context, requested.value)
  if (!charged.ok) return charged
  const saved = saveOwnContent(context, charged.value, { ...row, ...content, edited_at: context.now })
  if (content.text !== row.text) forgetWords(context, chat, row)
  return done(toMessage(context, saved.row, saved.chat))
}

export function deleteForEveryone(context: CallerContext, chatId: string, messageId: string): Outcome<null> {
  const found = locateMessage(context, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  if (!row.mine) return refuse('not_the_author')
  if (row.deleted_at) return done(null)
  if (context.blocks.isBlocked(chatId)) return refuse('blocked_by_you')
  const charged = chargeChange(context, chat)
  if (!charged.ok) return charged
  const saved = saveOwnContent(context, charged.value, { ...row, ...messages.blank(context.now) })
  forgetWords(context, chat, row)
  if (row.attachments) revokeFiles(context.sql, chatId, [messageId])
  blankQuotes(context, saved.chat, messageId)
  return done(null)
}

/** Hides a message from its owner. The content is purged at once, unless the peer still has to receive it. */
export function deleteForMe(context: CallerContext, chatId: string, messageId: string): Outcome<null> {
  const { sql, chats } = context
  const chat = chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const row = messages.find(sql, chatId, messageId)
  if (!row || messages.isCleared(chat, row)) return refuse('message_not_found')
  if (row.hidden) return done(null)
  const charged = chargeChange(context, chat)
  if (!charged.ok) return charged
  const unread = countsAsUnread(chat, row) ? 1 : 0
  const { row: hidden, chat: saved } = saveChange(
    context,
    skipMessage(sql, charged.value, messageId),
    { ...row, hidden: 1, ...(!isWaiting(chat, row) && purged) },
    { unread_count: chat.unread_count - unread },
  )
  forgetWords(context, chat, row)
  if (row.attachments) revokeFiles(sql, chatId, [messageId])
  if (chat.last_message_id === hidden.id) chats.save({ ...saved, last_message_id: latestVisibleId(sql, saved) })
  return done(null)
}

/** Moves the read mark up to the latest incoming message held that is not above `upTo`. The mark never moves back. */
export function markRead(context: CallerContext, chatId: string, upTo: string): Outcome<Chat> {
  const found = locateMessage(context, chatId, upTo)
  if (!found.ok) return found
  const { chat } = found.value
  const read = messages.greatestUnread(context.sql, chat, upTo)
  if (!read) return done(toChat(context, shareReadMark(context, withoutUnreadMark(context, chat), upTo)))
  const wait = context.readMarkRate.take(context.quotas.readMarkRate, context.now)
  if (wait !== null) return { ok: false, code: 'too_many_requests', retryAfterSeconds: wait }
  const marked = {
    ...chat,
    read_id: read,
    unread_count: unreadAbove(context.sql, chat, read),
    marked_unread: 0,
    ...(isShared(context, chat) && { shared_read_id: read, state_revision: chat.state_revision + 1 }),
  }
  return done(toChat(context, context.chats.saveVisible(marked, context.now)))
}

/** Whether the peer may know what the owner reads now. */
const isShared = (context: CallerContext, chat: ChatRow) =>
  !isRequest(chat) && isInAudience(context, chat.peer_id, 'readMarkAudience')

/** Tells the peer of a mark that was set when they could not know of it, once it is set again. */
function shareReadMark(context: CallerContext, chat: ChatRow, upTo: string): ChatRow {
  const { read_id, shared_read_id } = chat
  if (shared_read_id >= read_id || upTo < read_id || !isShared(context, chat)) return chat
  return context.chats.save({ ...chat, shared_read_id: read_id, state_revision: chat.state_revision + 1 })
}

const withoutUnreadMark = ({ chats, now }: CallerContext, chat: ChatRow): ChatRow =>
  chat.marked_unread ? chats.saveVisible({ ...chat, marked_unread: 0 }, now) : chat

/**
 * The unread count above a new read mark: zero at the peer's last message, otherwise reduced by what the mark passes.
 */
function unreadAbove(sql: SqlStorage, chat: ChatRow, mark: string): number {
  if (mark === chat.peer_own_id) return 0
  const floor = chat.read_id > chat.cleared_peer_id ? chat.read_id : chat.cleared_peer_id
  return chat.unread_count - messages.countUnread(sql, chat.peer_id, floor, mark)
}

export function getMessage(context: CallerContext, chatId: string, messageId: string): Outcome<Message> {
  const found = locateMessage(context, chatId, messageId)
  return found.ok ? done(toMessage(context, found.value.row, found.value.chat)) : found
}

export function getChat(context: CallerContext, chatId: string): Outcome<Chat> {
  const chat = context.chats.find(chatId)
  return chat ? done(toChat(context, chat)) : refuse('chat_not_found')
}

const peerOf = ({ peer }: ChatRow): Profile | null => peer && JSON.parse(peer)

/** The profiles of peers as the chats show them. */
export function findPeers({ chats }: CallerContext, userIds: string[]): Profile[] {
  chats.load(userIds)
  return userIds.flatMap((userId) => {
    const chat = chats.find(userId)
    return (chat && peerOf(chat)) ?? []
  })
}

export function findPeerByUsername({ chats }: CallerContext, username: string): Profile | null {
  const stored = `"username":${JSON.stringify(username)},`.toLowerCase()
  const chat = chats.all().find(({ peer }) => peer?.toLowerCase().includes(stored))
  return chat ? peerOf(chat) : null
}

interface Unread extends Pick<ChatRow, 'unread_count' | 'archived' | 'muted_until'> {
  /** What counts of it while it is muted. */
  loud_count?: number
}

/** `isComplete` says whether all groups have said what has changed. */
export function countUnread({ chats, groups, now }: CallerContext, isComplete: boolean): Outcome<UnreadCount> {
  const inGroups = groups.joined().map((row): Unread => {
    const { unreadCount = 0, mentionCount = 0 } = headOf(row) ?? {}
    return { ...row, unread_count: unreadCount, loud_count: row.notify_mentions === 1 ? mentionCount : 0 }
  })
  const all: Unread[] = [...chats.all(), ...inGroups]
  const unread = all.filter((chat) => chat.unread_count > 0)
  const withoutMuted = unread
    .filter((chat) => chat.archived === 0)
    .map((chat) => (chat.muted_until > now ? { ...chat, unread_count: chat.loud_count ?? 0 } : chat))
    .filter((chat) => chat.unread_count > 0)
  return done({ ...unreadFigures(unread), withoutMuted: unreadFigures(withoutMuted), complete: isComplete })
}

const unreadFigures = (unread: readonly Unread[]) => ({
  messages: unread.reduce((sum, chat) => sum + chat.unread_count, 0),
  chats: unread.length,
})
