import type { Message } from '../../../schemas/message'
import { idTime } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Box, CallerBox } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/messages'
import { toMessage } from './to-wire'

/**
 * The words of the owner's messages, in an index that keeps no text. A row's place (its rowid) follows from the time in
 * the message's id, so that the index itself yields hits newest first, and a message finds its row without a column.
 * The index only proposes: what a hit shows is decided by the rows of the message and of its chat.
 */
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/**
 * Marks that tell accents and vowel points apart, and what is not seen. In other scripts marks make the word, as do
 * those of voice in Japanese.
 */
const unwritten = /[[[\p{M}&&[\p{sc=Inherited}\p{sc=Arabic}\p{sc=Hebrew}]]--[\u3099\u309A]]\p{Cf}\u0640]/gv

/** Letters that Unicode does not take apart, as those write them who lack the key; and both forms of sigma. */
const plain: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', æ: 'ae', œ: 'oe', ħ: 'h', ς: 'σ' }

const notInWords = /[^\p{L}\p{M}\p{N}]+/gv

/** One word without regard to case, accents and width. What had an apostrophe or a dot becomes several, in a row. */
const fold = (word: string): string =>
  word
    .normalize('NFKD')
    .replace(unwritten, '')
    // By way of the upper case, ß is ss and both letters i of Turkish are one.
    .toUpperCase()
    .toLowerCase()
    .replace(/[øłđðþæœħς]/g, (letter) => plain[letter] ?? letter)
    .normalize('NFC')
    .replace(notInWords, ' ')
    .trim()

/** The words of a text, folded, each once. Emoji and punctuation are none. */
function wordsOf(text: string): string[] {
  const words = new Set<string>()
  for (const { segment, isWordLike } of segmenter.segment(text.normalize('NFC')))
    if (isWordLike) words.add(fold(segment))
  words.delete('')
  return [...words]
}

/** A word, and in Chinese characters also its later parts: 大学 is looked for in 清华大学. */
const withParts = (word: string): string[] => [
  word,
  ...[...word.matchAll(/(?<!^)\p{sc=Han}/gv)].map(({ index }) => word.slice(index)),
]

const epoch = Date.UTC(2020, 0, 1)
/** Messages of several chats can share a millisecond. Places stay exact numbers until 2089. */
const placesPerMs = 4096

const firstPlace = (messageId: string) => (idTime(messageId) - epoch) * placesPerMs

/** The index knows chats by words as well, so that a search within one reads nothing of the others. */
const chatWord = (chatId: string) => chatId.slice(chatId.indexOf('_') + 1)

// Numbers are bound as REAL, and FTS5 takes only an INTEGER as a bound of the rowid; otherwise it reads every row.
const place = 'CAST(? AS INTEGER)'

function freePlace(sql: SqlStorage, messageId: string, taken: Set<number>): number {
  const first = firstPlace(messageId)
  const rows = sql.exec<{ rowid: number }>(
    `SELECT rowid FROM search WHERE rowid BETWEEN ${place} AND ${place}`,
    first,
    first + placesPerMs - 1,
  )
  for (const { rowid } of rows) taken.add(rowid)
  let free = first
  while (taken.has(free)) free++
  return free
}

/** Takes new messages into the index; one row each, in one statement. */
export function index(sql: SqlStorage, rows: Pick<MessageRow, 'chat_id' | 'id' | 'text'>[]) {
  const taken = new Set<number>()
  const entries = rows.flatMap(({ chat_id, id, text }) => {
    const words = wordsOf(text).flatMap(withParts).join(' ')
    if (words === '') return []
    const free = freePlace(sql, id, taken)
    taken.add(free)
    return [{ place: free, words, chat: chatWord(chat_id), chat_id, id }]
  })
  if (entries.length === 0) return
  sql.exec(
    `INSERT INTO search (rowid, words, chat, chat_id, message_id)
     SELECT value ->> 'place', value ->> 'words', value ->> 'chat', value ->> 'chat_id', value ->> 'id' FROM json_each(?)`,
    JSON.stringify(entries),
  )
}

/** Takes a message out: it was hidden, or deleted for everyone. */
export function remove(sql: SqlStorage, { id }: Pick<MessageRow, 'id'>) {
  const first = firstPlace(id)
  sql.exec(
    `DELETE FROM search WHERE rowid BETWEEN ${place} AND ${place} AND message_id = ?`,
    first,
    first + placesPerMs - 1,
    id,
  )
}

/** Replaces the words of a message by those it has now. */
export function reindex(sql: SqlStorage, row: Pick<MessageRow, 'chat_id' | 'id' | 'text'>) {
  remove(sql, row)
  index(sql, [row])
}

/** A word becomes a quoted phrase, in which nothing is syntax, and stands for all that begin so. */
const matching = (words: string[], chatId: string | null): string => {
  const phrases = `words : (${words.map((word) => `"${word}" *`).join(' AND ')})`
  return chatId === null ? phrases : `${phrases} AND ${inChat(chatId)}`
}

const inChat = (chatId: string) => `chat : "${chatWord(chatId)}"`

const hits = `
  search CROSS JOIN messages ON messages.chat_id = search.chat_id AND messages.id = search.message_id`

interface Hit extends Record<string, SqlStorageValue> {
  place: number
}

/** Visible messages with all of the words, newest first, before a place. */
function find(sql: SqlStorage, words: string[], chatId: string | null, before: number | null, limit: number) {
  return sql
    .exec<Hit & MessageRow>(
      `SELECT search.rowid AS place, messages.* FROM ${hits} CROSS JOIN chats ON chats.peer_id = messages.chat_id
       WHERE search MATCH ? AND search.rowid < ${place} AND hidden = 0 AND deleted_at IS NULL
         AND messages.id > iif(mine, cleared_own_id, cleared_peer_id)
       ORDER BY search.rowid DESC LIMIT ?`,
      matching(words, chatId),
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    .toArray()
}

export interface SearchQuery {
  q: string
  chatId: string | null
  /** The place where the page before ended. */
  before: number | null
  limit: number
}

export interface HitsPage {
  items: Message[]
  next: number | null
}

const refuseWords = (detail: string) =>
  refuse('invalid_request', [{ pointer: '/query/q', code: 'invalid_value', detail }])

/** A page of the owner's messages that hold a word beginning with each word asked for, newest first. */
export function search(box: CallerBox, { q, chatId, before, limit }: SearchQuery): Outcome<HitsPage> {
  const words = wordsOf(q)
  if (words.length === 0) return refuseWords('A word to look for: letters or digits.')
  if (words.length > limits.searchWordsMax) return refuseWords(`At most ${limits.searchWordsMax} words.`)
  if (chatId !== null && !box.chats.find(chatId)) return refuse('chat_not_found')

  const found = find(box.sql, words, chatId, before, limit + 1)
  const rows = found.slice(0, limit)
  return done({
    items: rows.flatMap((row) => {
      const chat = box.chats.find(row.chat_id)
      return chat ? [toMessage(box, row, chat)] : []
    }),
    next: found.length > limit ? (rows.at(-1)?.place ?? null) : null,
  })
}

/** Takes a slice of what was cleared in a chat out of the index. Answers whether there is more. */
function removeCleared(sql: SqlStorage, chat: ChatRow): boolean {
  const last = chat.cleared_own_id > chat.cleared_peer_id ? chat.cleared_own_id : chat.cleared_peer_id
  if (last === '') return false
  const places = sql
    .exec<Hit>(
      `SELECT search.rowid AS place FROM ${hits}
       WHERE search MATCH ? AND search.rowid < ${place} AND messages.id <= iif(mine, ?, ?)
       ORDER BY search.rowid LIMIT ?`,
      inChat(chat.peer_id),
      firstPlace(last) + placesPerMs,
      chat.cleared_own_id,
      chat.cleared_peer_id,
      limits.searchRemovalsMax,
    )
    .toArray()
    .map((hit) => hit.place)
  if (places.length > 0)
    sql.exec('DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?))', JSON.stringify(places))
  return places.length === limits.searchRemovalsMax
}

/** Follows the clearing of a chat, at once or, when it was long, slice by slice from the alarm. */
export function clear(box: Box, chat: ChatRow) {
  if (!removeCleared(box.sql, chat)) return
  box.sql.exec('INSERT OR IGNORE INTO search_clearings (chat_id) VALUES (?)', chat.peer_id)
  box.wakeBy(box.now)
}

const nextClearing = (sql: SqlStorage) =>
  sql.exec<{ chat_id: string }>('SELECT chat_id FROM search_clearings LIMIT 1').toArray()[0]?.chat_id

/** Whether a long chat was cleared and is still in the index. */
export const isClearing = (sql: SqlStorage): boolean => nextClearing(sql) !== undefined

/** The next slice of that; for the alarm. */
export function continueClearing(box: Box) {
  const chatId = nextClearing(box.sql)
  if (chatId === undefined) return
  const chat = box.chats.find(chatId)
  if (!chat || !removeCleared(box.sql, chat)) box.sql.exec('DELETE FROM search_clearings WHERE chat_id = ?', chatId)
}
