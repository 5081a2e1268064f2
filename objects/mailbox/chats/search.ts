import type { MessageHit } from '../../../schemas/search'
import { firstIdAt } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage, type Page } from '../../durable/page'
import { search } from '../../durable/search'
import { refresh } from '../../durable/search-index'
import { snippetOf } from '../../durable/snippet'
import { wordsOf } from '../../durable/words'
import type { CallerContext } from '../context'
import type { MessageRow } from '../tables/message-row'
import { indexOf } from './indexing'
import { toMessage } from './to-wire'

/** Which messages a search is for, but for their chat. */
export interface SearchFilters {
  q: string
  senderId: string | null
  /** Epoch milliseconds: from this time on, and before that one. */
  after: number | null
  before: number | null
  hasAttachments: boolean
}

export interface SearchQuery extends SearchFilters {
  chatId: string | null
  /** Where the page begins: see `parseSearchPlace`. */
  cursor: string | null
  limit: number
}

const refuseWords = (detail: string) =>
  refuse('invalid_request', [{ pointer: '/query/q', code: 'invalid_value', detail }])

/** Sorts after every id. */
const afterAll = '~'

/** The words of a query, at least one. */
export function wordsOfQuery(q: string): Outcome<string[]> {
  const words = wordsOf(q)
  if (words.length === 0) return refuseWords('Must contain at least one word of letters or digits.')
  if (words.length > limits.searchWordsMax) return refuseWords(`At most ${limits.searchWordsMax} words.`)
  return done(words)
}

/** The ids that a search has to look at. */
export const stretchOf = ({ after, before }: Pick<SearchFilters, 'after' | 'before'>) => ({
  from: after === null ? '' : firstIdAt('message', after),
  before: before === null ? afterAll : firstIdAt('message', before),
})

interface OwnSearch extends Pick<SearchQuery, 'chatId' | 'senderId' | 'hasAttachments' | 'limit'> {
  words: string[]
  /** Ids from one on, and before another. */
  from: string
  before: string
}

/**
 * Returns a page of the mailbox's messages that contain, for each word of the query, a word that begins with it, newest
 * first. The index takes what is new first; what it could not take yet is read message by message.
 */
export function searchMessages(context: CallerContext, query: OwnSearch): Outcome<Page<MessageHit, string>> {
  const { words, from, before } = query
  if (query.chatId !== null && !context.chats.find(query.chatId)) return refuse('chat_not_found')
  const chatId = chatOf(context, query)
  if (chatId === undefined) return done({ items: [], next: null })

  const index = indexOf(context)
  refresh(index, { messages: limits.searchFirstMessages, bytes: limits.searchFirstBytes })
  const { rows, next } = search(index, {
    ...{ words, chatId, from, before },
    isWanted: (row) => isWanted(context, query, row),
    limit: query.limit,
  })
  const page = cutPage(rows, {
    limit: query.limit,
    toItem: (row) => toHit(context, row, words),
    placeOf: ({ id }) => id,
  })
  return done({ items: page.items.flatMap((hit) => hit ?? []), next: page.next ?? next })
}

/** The chat that has all messages of a sender; null for all chats, undefined for none. */
function chatOf({ userId }: CallerContext, { chatId, senderId }: OwnSearch): string | null | undefined {
  if (senderId === null || senderId === userId) return chatId
  return chatId === null || chatId === senderId ? senderId : undefined
}

const isWanted = ({ userId }: CallerContext, { senderId, hasAttachments }: OwnSearch, row: MessageRow) =>
  (senderId === null || (senderId === userId) === (row.mine === 1)) && (!hasAttachments || row.attachments !== null)

function toHit(context: CallerContext, row: MessageRow, words: string[]): MessageHit | null {
  const chat = context.chats.find(row.chat_id)
  return chat ? { ...toMessage(context, row, chat), snippet: snippetOf(row.text, words) } : null
}
