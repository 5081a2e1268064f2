import type { Message } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { search } from '../../durable/search'
import { refresh } from '../../durable/search-index'
import { wordsOf } from '../../durable/words'
import type { CallerContext } from '../context'
import type { MessageRow } from '../tables/message-row'
import { indexOf } from './indexing'
import { toMessage } from './to-wire'

export interface SearchQuery {
  q: string
  chatId: string | null
  /** The id before which the page begins. */
  before: string | null
  limit: number
}

export interface HitsPage {
  items: Message[]
  next: string | null
}

const refuseWords = (detail: string) =>
  refuse('invalid_request', [{ pointer: '/query/q', code: 'invalid_value', detail }])

/** Sorts after every id. */
const afterAll = '~'

/**
 * Returns a page of the mailbox's messages that contain, for each word of the query, a word that begins with it, newest
 * first. The index takes what is new first; what it could not take yet is read message by message.
 */
export function searchMessages(context: CallerContext, query: SearchQuery): Outcome<HitsPage> {
  const words = wordsOf(query.q)
  if (words.length === 0) return refuseWords('Must contain at least one word of letters or digits.')
  if (words.length > limits.searchWordsMax) return refuseWords(`At most ${limits.searchWordsMax} words.`)
  if (query.chatId !== null && !context.chats.find(query.chatId)) return refuse('chat_not_found')

  const index = indexOf(context)
  refresh(index, { messages: limits.searchFirstMessages, bytes: limits.searchFirstBytes })
  const { rows, next } = search(index, {
    words,
    chatId: query.chatId,
    from: '',
    before: query.before ?? afterAll,
    isWanted: () => true,
    limit: query.limit,
  })
  const page = cutPage(
    rows.flatMap((row) => toHit(context, row) ?? []),
    {
      limit: query.limit,
      toItem: (hit) => hit,
      placeOf: ({ id }) => id,
    },
  )
  return done({ items: page.items, next: page.next ?? next })
}

function toHit(context: CallerContext, row: MessageRow): Message | null {
  const chat = context.chats.find(row.chat_id)
  return chat ? toMessage(context, row, chat) : null
}
