import { idTime } from '../../src/core/ids'
import { withParts, wordsOf } from './words'

/**
 * An FTS5 index of messages that keeps no text. A row's place (its rowid) follows from the time in the message's id, so
 * that the index yields hits newest first by itself, and a message finds its row without a column. The index only
 * proposes: whether a hit is shown is for the rows of the message and its chat to say. An object that uses it has the
 * virtual table `search`, as the first migration of the mailbox makes it.
 */
export interface IndexedMessage {
  chat_id: string
  id: string
  text: string
}

const epoch = Date.UTC(2020, 0, 1)
/** Messages of several chats can share a millisecond. Places stay exact numbers until 2089. */
const placesPerMs = 4096

const firstPlace = (messageId: string) => (idTime(messageId) - epoch) * placesPerMs

/** Comes after every place that a message with this id, or an earlier one, can have. */
export const placeAfter = (messageId: string) => firstPlace(messageId) + placesPerMs

/** The index knows chats by words as well, so that a search within one reads nothing of the others. */
const chatWord = (chatId: string) => chatId.slice(chatId.indexOf('_') + 1)

/** A bound of the rowid. Numbers are bound as REAL; FTS5 takes an INTEGER only and would read every row otherwise. */
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

/** Adds new messages to the index: one row each, in one statement. A text without words adds none. */
export function indexMessages(sql: SqlStorage, messages: readonly IndexedMessage[]) {
  const taken = new Set<number>()
  const entries = messages.flatMap(({ chat_id, id, text }) => {
    const words = wordsOf(text).flatMap(withParts).join(' ')
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

/** Takes a message out of the index. */
export function unindexMessage(sql: SqlStorage, { id }: Pick<IndexedMessage, 'id'>) {
  const first = firstPlace(id)
  sql.exec(
    `DELETE FROM search WHERE rowid BETWEEN ${boundPlace} AND ${boundPlace} AND message_id = ?`,
    first,
    first + placesPerMs - 1,
    id,
  )
}

/** Replaces the words of a message by those it has now. */
export function reindexMessage(sql: SqlStorage, message: IndexedMessage) {
  unindexMessage(sql, message)
  indexMessages(sql, [message])
}

/** Takes rows out by their places. */
export function removePlaces(sql: SqlStorage, places: readonly number[]) {
  if (places.length > 0)
    sql.exec('DELETE FROM search WHERE rowid IN (SELECT value FROM json_each(?))', JSON.stringify(places))
}

/** The MATCH expression for all rows of one chat. */
export const matchChat = (chatId: string) => `chat : "${chatWord(chatId)}"`

/**
 * The MATCH expression for rows, of one chat or of all, with a word that begins with each of `words`. Each becomes a
 * quoted phrase, in which nothing is syntax.
 */
export function matchWords(words: readonly string[], chatId: string | null): string {
  const phrases = `words : (${words.map((word) => `"${word}" *`).join(' AND ')})`
  return chatId === null ? phrases : `${phrases} AND ${matchChat(chatId)}`
}
