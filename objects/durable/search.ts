import { limits } from '../../src/core/limits'
import { rowsNewestFirst, type Stretch } from './newest-first'
import { type BlockRow, blocksIn, blocksOfChat, endOf, type SearchedBlocks } from './search-blocks'
import type { IndexContext } from './search-index'
import { bitsOf, mayHave, termsOfWord } from './signature'
import { foldText, hasAll } from './words'

/**
 * Searches messages newest first: signatures say which blocks may have the words, and the texts themselves decide. What
 * one search reads is bounded, whatever is stored, so a page can end before it is full.
 */
export interface Search<Row> extends Stretch {
  words: readonly string[]
  /** Null: all chats. */
  chatId: string | null
  /** Whether a message is wanted, but for its text. */
  isWanted: (row: Row) => boolean
  /** Messages, at most. */
  limit: number
}

export interface Found<Row> {
  /** Newest first. */
  rows: Row[]
  /** The rest of the search has messages before this id; null if there is no rest. */
  next: string | null
}

/** Whether the messages of a block have to be read. */
const mayMatch = ({ signature, rebuild_at }: BlockRow, terms: readonly number[]) =>
  rebuild_at !== null || signature === null || mayHave(new Uint8Array(signature), terms)

/** Blocks looked at together: the first ones often have enough. In one chat, each takes twice as long to find. */
const blocksAtOnce = [4, 32, 256, limits.searchBlocksMax - 4 - 32 - 256] as const
const blocksOfChatAtOnce = [4, 32, 256, limits.searchChatBlocksMax - 4 - 32 - 256] as const

/** The blocks of a query, newest first, up to what one search looks at. */
function* parts<Row>(sql: SqlStorage, { chatId, from, before, words }: Search<Row>): Generator<SearchedBlocks> {
  const terms = words.flatMap(termsOfWord)
  const bits = bitsOf(terms)
  let end = before
  for (const limit of chatId === null ? blocksAtOnce : blocksOfChatAtOnce) {
    const stretch = { from, before: end }
    const { blocks, next } =
      chatId === null ? blocksIn(sql, stretch, bits, limit) : blocksOfChat(sql, chatId, stretch, bits, limit)
    yield { blocks: blocks.filter((block) => mayMatch(block, terms)), next }
    if (next === null) return
    end = next
  }
}

/** What one search may read. */
class Allowance {
  #messages = 0
  #bytes = 0

  /** Takes one more text, unless it is too much. The first one never is. */
  take(text: string): boolean {
    const bytes = this.#bytes + Buffer.byteLength(text)
    if (this.#messages > 0 && (this.#messages >= limits.searchMessagesMax || bytes > limits.searchBytesMax))
      return false
    this.#messages++
    this.#bytes = bytes
    return true
  }
}

export function search<Row>(context: IndexContext<Row>, query: Search<Row>): Found<Row> {
  const { source, sql } = context
  const { words, chatId, from, isWanted, limit } = query
  const allowance = new Allowance()
  const rows: Row[] = []
  let place = query.before
  for (const { blocks, next } of parts(sql, query)) {
    for (const block of blocks) {
      const chatIds = chatId === null ? chatsOf(block, source) : [chatId]
      const end = endOf(sql, block.start)
      const stretch = { from: block.start > from ? block.start : from, before: end < place ? end : place }
      for (const row of rowsNewestFirst(source, chatIds, stretch)) {
        const text = isWanted(row) ? source.textOf(row) : ''
        if (rows.length > limit || !allowance.take(text)) return { rows, next: place }
        if (text !== '' && hasAll(foldText(text), words)) rows.push(row)
        place = source.placeOf(row).id
      }
      place = block.start
    }
    if (next === null) return { rows, next: null }
    place = next
  }
  return { rows, next: place }
}

const chatsOf = ({ chats }: BlockRow, source: Pick<IndexContext<unknown>['source'], 'chatIds'>): string[] =>
  chats === null ? source.chatIds() : JSON.parse(chats)
