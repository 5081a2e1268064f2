import type { Message } from '../../../schemas/message'
import type { JsonText } from '../../../src/core/json-text'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage, cutPageText, type WirePage } from '../../durable/page'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'
import { after, afterAll, before } from '../tables/visible-messages'
import { toMessage } from './to-wire'

/** Where a page of a chat is: at the newest end, or next to a message. */
export type PageAnchor = { at: 'end' } | { at: 'before' | 'after' | 'around'; messageId: string }

/** The cursor of a page names an anchor. */
export type MessagesPage = JsonText<WirePage<Message>>

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
  return done(
    anchor.at === 'after' ? newerThan(context, chat, anchor.messageId, limit) : olderThan(context, chat, anchor, limit),
  )
}

/** How rows of a chat become a page that goes on before or after its last one. */
const paging = (context: CallerContext, chat: ChatRow, at: 'before' | 'after') => ({
  toItem: (row: MessageRow) => toMessage(context, row, chat),
  placeOf: ({ id }: MessageRow) => ({ at, messageId: id }),
})

function newerThan(context: CallerContext, chat: ChatRow, messageId: string, limit: number): MessagesPage {
  const found = after(context.sql, chat, messageId, limit + 1)
  return cutPageText(found, { limit, reversed: true, ...paging(context, chat, 'after') })
}

function olderThan(
  context: CallerContext,
  chat: ChatRow,
  anchor: Exclude<PageAnchor, { at: 'after' }>,
  limit: number,
): MessagesPage {
  const newer = anchor.at === 'around' ? around(context, chat, anchor.messageId, limit) : []
  const end = anchor.at === 'end' ? afterAll : anchor.messageId
  const room = limit - newer.length
  const older = before(context.sql, chat, end, room + 1)
  return cutPageText([...newer, ...older], { limit, ...paging(context, chat, 'before') })
}

/** The message itself and what follows it, newest first, for the newer half of a page, of its items as of its bytes. */
function around(context: CallerContext, chat: ChatRow, messageId: string, limit: number): MessageRow[] {
  const half = Math.ceil(limit / 2)
  const own = messages.findVisible(context.sql, chat, messageId)
  const newer = after(context.sql, chat, messageId, own ? half - 1 : half)
  const rows = [...(own ? [own] : []), ...newer]
  const bytesMax = limits.pageBytesMax / 2
  const { items } = cutPage(rows, { limit: half, bytesMax, ...paging(context, chat, 'after') })
  return rows.slice(0, items.length).toReversed()
}
