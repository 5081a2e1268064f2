import type { Message } from '../../../schemas/message'
import type { JsonText } from '../../../src/core/json-text'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cut, cutPageText, type WirePage } from '../../durable/page'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import * as messages from '../tables/messages'
import * as withAttachments from '../tables/messages-with-attachments'
import type { PageRow } from '../tables/shown-message'
import * as visible from '../tables/visible-messages'
import { messageText } from './to-wire'

/** Where a page of a chat is: at the newest end, or next to a message. */
export type PageAnchor = { at: 'end' } | { at: 'before' | 'after' | 'around'; messageId: string }

export interface MessageFilters {
  /** Only messages with attachments. */
  hasAttachments: boolean
}

interface PageQuery extends MessageFilters {
  anchor: PageAnchor
  limit: number
}

/** The cursor of a page names an anchor. */
export type MessagesPage = JsonText<WirePage<Message>>

/**
 * Returns a page of a chat, newest first. `around` fills up to half of the page with the message and newer ones, and
 * the rest with older ones.
 */
export function listMessages(context: CallerContext, chatId: string, query: PageQuery): Outcome<MessagesPage> {
  const { anchor } = query
  const chat = context.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  if (anchor.at !== 'end' && !messages.find(context.sql, chatId, anchor.messageId)) return refuse('message_not_found')
  return done(
    anchor.at === 'after' ? newerThan(context, chat, anchor.messageId, query) : olderThan(context, chat, anchor, query),
  )
}

/** Which messages the pages go through. */
const listed = ({ hasAttachments }: MessageFilters) => (hasAttachments ? withAttachments : visible)

/** How rows of a chat become a page that goes on before or after its last one. */
const paging = (context: CallerContext, chat: ChatRow, at: 'before' | 'after') => ({
  toText: (row: PageRow) => messageText(context, row, chat),
  placeOf: ({ id }: PageRow) => ({ at, messageId: id }),
})

function newerThan(context: CallerContext, chat: ChatRow, messageId: string, query: PageQuery): MessagesPage {
  const { limit } = query
  const found = listed(query).after(context.sql, chat, messageId, limit + 1)
  return cutPageText(found, { limit, reversed: true, ...paging(context, chat, 'after') })
}

function olderThan(
  context: CallerContext,
  chat: ChatRow,
  anchor: Exclude<PageAnchor, { at: 'after' }>,
  query: PageQuery,
): MessagesPage {
  const { limit } = query
  const newer = anchor.at === 'around' ? around(context, chat, anchor.messageId, query) : []
  const end = anchor.at === 'end' ? visible.afterAll : anchor.messageId
  const room = limit - newer.length
  const older = listed(query).before(context.sql, chat, end, room + 1)
  return cutPageText([...newer, ...older], { limit, ...paging(context, chat, 'before') })
}

/** The message itself and what follows it, newest first, for the newer half of a page, of its items as of its bytes. */
function around(context: CallerContext, chat: ChatRow, messageId: string, query: PageQuery): PageRow[] {
  const half = Math.ceil(query.limit / 2)
  const rows = listed(query).startingAt(context.sql, chat, messageId, half)
  const { toText } = paging(context, chat, 'after')
  const { texts } = cut(rows, { limit: half, bytesMax: limits.pageBytesMax / 2, toText })
  return rows.slice(0, texts.length).toReversed()
}
