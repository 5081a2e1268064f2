import { idTime } from '../../src/core/ids'
import { indexedWords } from './words'

/**
 * An FTS5 index of messages that stores no text. A row's place (its rowid) is derived from the time in the message's
 * id, so the index returns hits newest first on its own, and a message's row is found without an extra column. The
 * index only proposes hits: the rows of the message and its chat decide whether a hit is shown. An object that uses it
 * has the virtual table `search`, as created by the first migration of the mailbox.
 */
export interface IndexedMessage {
  chat_id: string
  id: string
  text: string
}

const epoch = Date.UTC(2020, 0, 1)
/** Messages in different chats can share a millisecond. Places remain exact numbers until 2089. */
const placesPerMs = 4096

const firstPlace = (messageId: string) => (idTime(messageId) - epoch) * placesPerMs

/** A place after every place that a message with this id, or an earlier one, can have. */
export const placeAfter = (messageId: string) => firstPlace(messageId) + placesPerMs

/** Chats are indexed as words too, so that a search within one chat reads nothing from the others. */
const chatWord = (chatId: string) => chatId.slice(chatId.indexOf('_') + 1)

/**
 * A bound on the rowid. Numbers are bound as REAL, but FTS5 accepts only an INTEGER and would otherwise read every row.
 */
export const boundPlace = 'CAST(? AS INTEGER)'

function freePlace(sql: SqlStorage, messageId: string, taken: Set<number>): number {
  const first = firstPlace(messageId)
  const rows = sql.exec<{ rowid: number }>(
    `SELECT rowid FROM search WHERE rowid BETWEEN ${boundPlace} AND ${boundPlace}`,
    first,
    first + placesPerMs - 1,
  )
  for (const { rowid } of rows) taken.add(rowid)
  let free = first
  while (taken.has(free)) free++
  return free
}

/** Adds new messages to the index, one row each, in one statement. A text without words adds no row. */
export function indexMessages(sql: SqlStorage, messages: readonly IndexedMessage[]) {
  const taken = new Set<number>()
  const entries = messages.flatMap(({ chat_id, id, text }) => {
    const words = indexedWords(text).join(' ')
    if (words === '') return []
    const place = freePlace(sql, id, taken)
    taken.add(place)
    return [{ place, words, chat: chatWord(chat_id), chat_id, id }]
  })
  if (entries.length === 0) return
  sql.exec(
    `INSERT INTO search (rowid, words, chat, chat_id, message_id)
     SELECT value ->> 'place', value ->> 'words', value ->> 'chat', value ->> 'chat_id', value ->> 'id' FROM json_each(?)`,
    JSON.stringify(entries),
  )
}

/** Removes a message from the index. */
export function unindexMessage(sql: SqlStorage, { id }: Pick<IndexedMessage, 'id'>) {
  const first = firstPlace(id)
  sql.exec(
    `DELETE FROM search WHERE rowid BETWEEN ${boundPlace} AND ${boundPlace} AND message_id = ?`,
    first,
    first + placesPerMs - 1,
    id,
  )
}

/** Replaces a message's indexed words with its current ones. */
export function reindexMessage(sql: SqlStorage, message: IndexedMessage) {
  unindexMessage(sql, message)
  indexMessages(sql, [message])
}

/** Removes rows by their places. */
export function removePlaces(sql: SqlStorage, places: readonly number[]) {
  if (places.length > 0)
    sql.exec('DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?))', JSON.stringify(places))
}

/** The MATCH expression for all rows of one chat. */
export const matchChat = (chatId: string) => `chat : "${chatWord(chatId)}"`

/**
 * The MATCH expression for rows, in one chat or in all, that hold, for each of `words`, a word that begins with it.
 * Each of `words` becomes a quoted phrase, in which nothing is parsed as syntax.
 */
export function matchWords(words: readonly string[], chatId: string | null): string {
  const phrases = `words : (${words.map((word) => `"${word}" *`).join(' AND ')})`
  return chatId === null ? phrases : `${phrases} AND ${matchChat(chatId)}`
}
