import type { Messages } from '../../../schemas/message'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/messages'
import * as messages from '../tables/messages'
import { after, afterAll, before } from '../tables/visible-messages'
import { toMessage } from './to-wire'

/** Where a page of a chat is: at the newest end, or next to a message. */
export type PageAnchor = { at: 'end' } | { at: 'before' | 'after' | 'around'; messageId: string }

/** `next` is the content of the page's cursor; the route encodes it. */
export interface MessagesPage {
  items: Messages['items']
  next: { at: 'before' | 'after'; messageId: string } | null
}

/**
 * Returns a page of a chat, newest first. `around` fills up to half of the page with the message and newer ones, and
 * the rest with older ones.
 */
export function listMessages(
  context: CallerContext,
  chatId: string,
  anchor: PageAnchor,
  limit: number,
): Outcome<MessagesPage> {
  const chat = context.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  if (anchor.at !== 'end' && !messages.find(context.sql, chatId, anchor.messageId)) return refuse('message_not_found')
  const { rows, next } =
    anchor.at === 'after' ? newerThan(context, chat, anchor.messageId, limit) : olderThan(context, chat, anchor, limit)
  return done({ items: rows.map((row) => toMessage(context, row, chat)), next })
}

interface RowsPage {
  rows: MessageRow[]
  next: MessagesPage['next']
}

function newerThan({ sql }: CallerContext, chat: ChatRow, messageId: string, limit: number): RowsPage {
  const found = after(sql, chat, messageId, limit + 1)
  const { rows, next } = cutPage(found, limit, ({ id }) => ({ at: 'after' as const, messageId: id }))
  return { rows: rows.toReversed(), next }
}

function olderThan(
  context: CallerContext,
  chat: ChatRow,
  anchor: Exclude<PageAnchor, { at: 'after' }>,
  limit: number,
): RowsPage {
  const newer = anchor.at === 'around' ? around(context, chat, anchor.messageId, limit) : []
  const end = anchor.at === 'end' ? afterAll : anchor.messageId
  const room = limit - newer.length
  const older = before(context.sql, chat, end, room + 1)
  return cutPage([...newer, ...older], limit, ({ id }) => ({ at: 'before' as const, messageId: id }))
}

/** The message itself and what follows it, newest first, for the newer half of a page. */
function around({ sql }: CallerContext, chat: ChatRow, messageId: string, limit: number): MessageRow[] {
  const half = Math.ceil(limit / 2)
  const own = messages.findVisible(sql, chat, messageId)
  const newer = after(sql, chat, messageId, own ? half - 1 : half)
  return [...newer.toReversed(), ...(own ? [own] : [])]
}
