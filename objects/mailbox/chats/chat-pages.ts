import type { Chats } from '../../../schemas/chat'
import { done, type Outcome } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import { toChat } from './to-wire'

/** A chat's place in the list: whether it is pinned, then its latest visible message. */
const placeOf = (chat: ChatRow) => `${chat.pinned}/${chat.last_message_id}`

export interface ChatsPage {
  items: Chats['items']
  next: string | null
}

/**
 * Lists the chats that have a visible message: pinned ones first, then by latest message, newest first. Continues after
 * the place that the previous page returned.
 */
export function listChats(context: CallerContext, after: string | null, limit: number): Outcome<ChatsPage> {
  const rest = context.chats
    .all()
    .filter((chat) => chat.last_message_id !== '')
    .map((chat) => ({ chat, place: placeOf(chat) }))
    .filter((entry) => after === null || entry.place < after)
    .sort((a, b) => (a.place < b.place ? 1 : -1))
  const toItem = ({ chat }: { chat: ChatRow }) => toChat(context, chat)
  return done(cutPage(rest, { limit, toItem, placeOf: ({ place }) => place }))
}
