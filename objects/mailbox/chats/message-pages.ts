import type { Chats } from '../../../schemas/chat'
import type { Messages } from '../../../schemas/message'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerBox } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/messages'
import * as messages from '../tables/messages'
import { toChat, toMessage } from './to-wire'

/** Where a page of a chat lies: at the newest end, or next to a message. */
export type Position = { at: 'end' } | { at: 'before' | 'after' | 'around'; messageId: string }

/** A cut of one row more than asked tells whether the list goes on. */
const cut = <T>(rows: T[], limit: number) => ({ rows: rows.slice(0, limit), more: rows.length > limit })

/** What a page's cursor says; encoded by the route. */
export interface MessagesPage {
  items: Messages['items']
  next: { at: 'before' | 'after'; messageId: string } | null
}

function page(box: CallerBox, chat: ChatRow, rows: MessageRow[], next: MessagesPage['next']): MessagesPage {
  return { items: rows.map((row) => toMessage(box, row, chat)), next }
}

/** A page of a chat, newest first. `around` gives half a page before the message and the rest from it on. */
export function listMessages(box: CallerBox, chatId: string, position: Position, limit: number): Outcome<MessagesPage> {
  const chat = box.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  if (position.at !== 'end' && !messages.find(box.sql, chatId, position.messageId)) return refuse('message_not_found')

  if (position.at === 'after') {
    const { rows, more } = cut(messages.after(box.sql, chat, position.messageId, limit + 1), limit)
    const last = rows.at(-1)
    return done(page(box, chat, rows.toReversed(), more && last ? { at: 'after', messageId: last.id } : null))
  }
  const newer = position.at === 'around' ? around(box, chat, position.messageId, limit) : []
  const end = position.at === 'end' ? messages.afterAll : position.messageId
  const room = limit - newer.length
  const { rows, more } = cut(messages.before(box.sql, chat, end, room + 1), room)
  const all = [...newer, ...rows]
  const last = all.at(-1)
  return done(page(box, chat, all, more && last ? { at: 'before', messageId: last.id } : null))
}

/** The message itself and what follows it, newest first, in the upper half of a page. */
function around(box: CallerBox, chat: ChatRow, messageId: string, limit: number): MessageRow[] {
  const half = Math.ceil(limit / 2)
  const own = messages.findVisible(box.sql, chat, messageId)
  const newer = messages.after(box.sql, chat, messageId, own ? half - 1 : half)
  return [...newer.toReversed(), ...(own ? [own] : [])]
}

/** A chat's place in the list: whether it is pinned, then its latest visible message. */
const place = (chat: ChatRow) => `${chat.pinned}/${chat.last_message_id}`

export interface ChatsPage {
  items: Chats['items']
  next: string | null
}

/**
 * Chats with something to see: the pinned ones, then by their latest message, newest first; after a place given by the
 * page before.
 */
export function listChats(box: CallerBox, after: string | null, limit: number): Outcome<ChatsPage> {
  const rest = box.chats
    .all()
    .filter((chat) => chat.last_message_id !== '')
    .map((chat) => ({ chat, place: place(chat) }))
    .filter((entry) => after === null || entry.place < after)
    .sort((a, b) => (a.place < b.place ? 1 : -1))
  const { rows, more } = cut(rest, limit)
  return done({ items: rows.map(({ chat }) => toChat(box, chat)), next: more ? (rows.at(-1)?.place ?? null) : null })
}
