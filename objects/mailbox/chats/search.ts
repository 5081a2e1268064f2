import type { Message } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { boundPlace, matchChat, matchWords, placeAfter, removePlaces } from '../../durable/search-index'
import { wordsOf } from '../../durable/words'
import type { CallerContext, MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import { toMessage } from './to-wire'

const hits = `
  search CROSS JOIN messages ON messages.chat_id = search.chat_id AND messages.id = search.message_id`

interface Hit extends Record<string, SqlStorageValue> {
  place: number
}

export interface SearchQuery {
  q: string
  chatId: string | null
  /** The place where the previous page ended. */
  before: number | null
  limit: number
}

export interface HitsPage {
  items: Message[]
  next: number | null
}

/** Visible messages that contain all of the words, newest first, before a place. */
function* find({ sql, chats }: CallerContext, words: string[], { chatId, before, limit }: SearchQuery) {
  const rows = sql.exec<Hit & MessageRow>(
    `SELECT search.rowid AS place, messages.* FROM ${hits} CROSS JOIN chats ON chats.peer_id = messages.chat_id
     WHERE search MATCH ? AND search.rowid < ${boundPlace} AND hidden = 0 AND deleted_at IS NULL
       AND messages.id > iif(mine, cleared_own_id, cleared_peer_id)
     ORDER BY search.rowid DESC LIMIT ?`,
    matchWords(words, chatId),
    before ?? Number.MAX_SAFE_INTEGER,
    limit + 1,
  )
  for (const row of rows) {
    const chat = chats.find(row.chat_id)
    if (chat) yield { row, chat }
  }
}

const refuseWords = (detail: string) =>
  refuse('invalid_request', [{ pointer: '/query/q', code: 'invalid_value', detail }])

/**
 * Returns a page of the mailbox's messages that contain, for each word of the query, a word that begins with it, newest
 * first.
 */
export function searchMessages(context: CallerContext, query: SearchQuery): Outcome<HitsPage> {
  const words = wordsOf(query.q)
  if (words.length === 0) return refuseWords('Must contain at least one word of letters or digits.')
  if (words.length > limits.searchWordsMax) return refuseWords(`At most ${limits.searchWordsMax} words.`)
  if (query.chatId !== null && !context.chats.find(query.chatId)) return refuse('chat_not_found')

  return done(
    cutPage(find(context, words, query), {
      limit: query.limit,
      toItem: ({ row, chat }) => toMessage(context, row, chat),
      placeOf: ({ row }) => row.place,
    }),
  )
}

/** Removes a slice of a chat's cleared messages from the index. Returns whether more might be left. */
function removeCleared(sql: SqlStorage, chat: ChatRow): boolean {
  const last = chat.cleared_own_id > chat.cleared_peer_id ? chat.cleared_own_id : chat.cleared_peer_id
  if (last === '') return false
  const places = sql
    .exec<Hit>(
      `SELECT search.rowid AS place FROM ${hits}
       WHERE search MATCH ? AND search.rowid < ${boundPlace} AND messages.id <= iif(mine, ?, ?)
       ORDER BY search.rowid LIMIT ?`,
      matchChat(chat.peer_id),
      placeAfter(last),
      chat.cleared_own_id,
      chat.cleared_peer_id,
      limits.searchRemovalsMax,
    )
    .toArray()
    .map((hit) => hit.place)
  removePlaces(sql, places)
  return places.length === limits.searchRemovalsMax
}

/** Removes the messages of a cleared chat from the index: a slice now, and the rest of a long chat by the alarm. */
export function unindexCleared(context: MailboxContext, chat: ChatRow) {
  if (!removeCleared(context.sql, chat)) return
  context.sql.exec('INSERT OR IGNORE INTO search_clearings (chat_id) VALUES (?)', chat.peer_id)
  context.wakeBy(context.now)
}

const nextClearing = (sql: SqlStorage) =>
  sql.exec<{ chat_id: string }>('SELECT chat_id FROM search_clearings LIMIT 1').toArray()[0]?.chat_id

/** Whether part of a long chat that was cleared is still in the index. */
export const isUnindexing = (sql: SqlStorage): boolean => nextClearing(sql) !== undefined

/** Removes the next slice of such a chat. */
export function continueUnindexing(context: MailboxContext) {
  const chatId = nextClearing(context.sql)
  if (chatId === undefined) return
  const chat = context.chats.find(chatId)
  if (!chat || !removeCleared(context.sql, chat))
    context.sql.exec('DELETE FROM search_clearings WHERE chat_id = ?', chatId)
}
