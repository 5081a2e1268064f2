import type { Chat } from '../../../schemas/chat'
import type { JsonText } from '../../../src/core/json-text'
import { done, type Outcome } from '../../durable/outcome'
import { cutPageText, type WirePage } from '../../durable/page'
import type { CallerContext } from '../context'
import { placeOf } from '../tables/chats'
import { LastMessages } from './last-messages'
import { toChat } from './to-wire'

export type ChatsPage = JsonText<WirePage<Chat>>

/**
 * Lists the chats that have a visible message: pinned ones first, then by latest message, newest first. Continues after
 * the place that the previous page returned.
 */
export function listChats(context: CallerContext, after: string | null, limit: number): Outcome<ChatsPage> {
  const chats = [...context.chats.listedAfter(after).take(limit + 1)]
  const last = new LastMessages(context.sql, chats)
  return done(cutPageText(chats, { limit, toItem: (chat) => toChat(context, chat, last.of(chat)), placeOf }))
}
