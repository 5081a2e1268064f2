import type { Chat } from '../../../schemas/chat'
import type { JsonText } from '../../../src/core/json-text'
import { done, type Outcome } from '../../durable/outcome'
import { cutPageText, type WirePage } from '../../durable/page'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import { LastMessages } from './last-messages'
import { toChat } from './to-wire'

/** A chat's place in the list: whether it is pinned, then its latest visible message. */
const placeOf = (chat: ChatRow) => `${chat.pinned}/${chat.last_message_id}`

export type ChatsPage = JsonText<WirePage<Chat>>

/**
 * Lists the chats that have a visible message: pinned ones first, then by latest message, newest first. Continues after
 * the place that the previous page returned.
 */
export function listChats(context: CallerContext, after: string | null, limit: number): Outcome<ChatsPage> {
  const chats = context.chats
    .all()
    .filter((chat) => chat.last_message_id !== '')
    .map((chat) => ({ chat, place: placeOf(chat) }))
    .filter((entry) => after === null || entry.place < after)
    .sort((a, b) => (a.place < b.place ? 1 : -1))
    .slice(0, limit + 1)
    .map(({ chat }) => chat)
  const last = new LastMessages(context.sql, chats)
  return done(cutPageText(chats, { limit, toItem: (chat) => toChat(context, chat, last.of(chat)), placeOf }))
}
