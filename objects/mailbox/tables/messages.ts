import type { Quote } from '../../../schemas/message'
import { excerpt } from '../../../src/core/excerpt'
import type { FileMetadata } from '../../../src/core/file-metadata'
import { limits } from '../../../src/core/limits'
import type { Place, Stretch } from '../../durable/newest-first'
import type { ChatRow } from './chats'
import { columns, type MessageRow, messageColumns, type OwnReaction, rowsOf, type StoredQuote } from './message-row'

const one = (cursor: SqlStorageCursor<MessageRow>): MessageRow | undefined => [...rowsOf(cursor)][0]

const insertAll = `
  INSERT INTO messages (${columns.join(', ')})
  SELECT ${columns.map((column) => `value ->> '${column}'`).join(', ')} FROM json_each(?)`

const insertOne = `INSERT INTO messages (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`

/** Inserts any number of rows in one statement. */
export const insert = (sql: SqlStorage, rows: MessageRow[]) => {
  const [row] = rows
  if (row && rows.length === 1) sql.exec(insertOne, ...columns.map((column) => row[column]))
  else sql.exec(insertAll, JSON.stringify(rows))
}

export const find = (sql: SqlStorage, chatId: string, id: string): MessageRow | undefined =>
  one(sql.exec<MessageRow>(`SELECT ${messageColumns} FROM messages WHERE chat_id = ? AND id = ?`, chatId, id))

/** Whether the owner cleared the chat while it held this message. */
export const isCleared = (chat: ChatRow, row: Pick<MessageRow, 'id' | 'mine'>) =>
  row.id <= (row.mine ? chat.cleared_own_id : chat.cleared_peer_id)

/** The message, unless the owner of this mailbox has deleted it for themselves. */
export const findVisible = (sql: SqlStorage, chat: ChatRow, id: string): MessageRow | undefined => {
  const row = find(sql, chat.peer_id, id)
  return row && !row.hidden && !isCleared(chat, row) ? row : undefined
}

/** The messages of a chat after an id and up to another, oldest first, whether visible or not. */
export const between = (sql: SqlStorage, chatId: string, afterId: string, upTo: string, limit: number) => [
  ...rowsOf(
    sql.exec<MessageRow>(
      `SELECT ${messageColumns} FROM messages WHERE chat_id = ? AND id > ? AND id <= ? ORDER BY id LIMIT ? + 0`,
      chatId,
      afterId,
      upTo,
      limit,
    ),
  ),
]

export const findByClientId = (sql: SqlStorage, clientMessageId: string): MessageRow | undefined =>
  one(sql.exec<MessageRow>(`SELECT ${messageColumns} FROM messages WHERE client_message_id = ?`, clientMessageId))

/** Overwrites the columns of a row that can change. */
export const update = (sql: SqlStorage, row: MessageRow) => {
  sql.exec(
    `UPDATE messages SET seq = ?, text = ?, attachments = ?, reply_to = ?, own_reactions = ?, peer_reactions = ?,
       removed_reactions = ?, edited_at = ?, deleted_at = ?, hidden = ?, refused = ?, revision = ?, content_revision = ?,
       peer_reacted_at = ?, metadata = ?
     WHERE chat_id = ? AND id = ?`,
    row.seq,
    row.text,
    row.attachments,
    row.reply_to,
    row.own_reactions,
    row.peer_reactions,
    row.removed_reactions,
    row.edited_at,
    row.deleted_at,
    row.hidden,
    row.refused,
    row.revision,
    row.content_revision,
    row.peer_reacted_at,
    row.metadata,
    row.chat_id,
    row.id,
  )
}

/** Counts the peer's messages in an interval of ids (above `from`, up to `to`) that count as unread. */
export const countUnread = (sql: SqlStorage, chatId: string, from: string, to: string) =>
  sql
    .exec<{ count: number }>(
      `SELECT count(*) AS count FROM messages
       WHERE chat_id = ? AND id > ? AND id <= ? AND mine = 0 AND hidden = 0 AND deleted_at IS NULL`,
      chatId,
      from,
      to,
    )
    .one().count

/** The greatest of the peer's ids held that is above the read mark and not above `id`. */
export function greatestUnread(sql: SqlStorage, chat: ChatRow, id: string): string | undefined {
  // The upper bound is the peer's last message, so that a long run of the owner's messages after it is not scanned.
  const upTo = id < chat.peer_own_id ? id : chat.peer_own_id
  return sql
    .exec<{ id: string }>(
      'SELECT id FROM messages WHERE chat_id = ? AND id > ? AND id <= ? AND mine = 0 ORDER BY id DESC LIMIT 1',
      chat.peer_id,
      chat.read_id,
      upTo,
    )
    .toArray()[0]?.id
}

type MessageKey = Pick<MessageRow, 'chat_id' | 'id'>

/** Ids of messages in several chats, in any order. */
export const idsIn = (sql: SqlStorage, chatIds: readonly string[], { from, before }: Stretch, limit: number) =>
  sql
    .exec<MessageKey>(
      `SELECT chat_id, messages.id FROM json_each(?) AS asked CROSS JOIN messages ON chat_id = asked.value
       WHERE messages.id >= ? AND messages.id < ? LIMIT ? + 0`,
      JSON.stringify(chatIds),
      from,
      before,
      limit,
    )
    .toArray()

/** The latest id of each of several chats that has one. */
export const latestIdsIn = (sql: SqlStorage, chatIds: readonly string[], { from, before }: Stretch) =>
  sql
    .exec<MessageKey>(
      `SELECT asked.value AS chat_id, messages.id FROM json_each(?) AS asked CROSS JOIN messages
         ON chat_id = asked.value AND messages.id = (SELECT latest.id FROM messages AS latest
           WHERE latest.chat_id = asked.value AND latest.id >= ? AND latest.id < ? ORDER BY latest.id DESC LIMIT 1)`,
      JSON.stringify(chatIds),
      from,
      before,
    )
    .toArray()

/** The latest ids of a chat, newest first. */
export const newestIds = (sql: SqlStorage, chatId: string, { from, before }: Stretch, limit: number): string[] =>
  sql
    .exec<{ id: string }>(
      'SELECT id FROM messages WHERE chat_id = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ? + 0',
      chatId,
      from,
      before,
      limit,
    )
    .toArray()
    .map(({ id }) => id)

/** The latest ids of a chat whose last change was not after a number. */
export const newestUpTo = (
  sql: SqlStorage,
  chatId: string,
  { from, before }: Stretch,
  seq: number,
  limit: number,
): string[] =>
  sql
    .exec<{ id: string }>(
      'SELECT id FROM messages WHERE chat_id = ? AND id >= ? AND id < ? AND seq <= ? ORDER BY id DESC LIMIT ? + 0',
      chatId,
      from,
      before,
      seq,
      limit,
    )
    .toArray()
    .map(({ id }) => id)

/** The messages at these places, in their order, in one statement. */
export const at = (sql: SqlStorage, places: readonly Place[]): MessageRow[] =>
  places.length === 0
    ? []
    : [
        ...rowsOf(
          sql.exec<MessageRow>(
            `SELECT ${messageColumns} FROM
               (SELECT value ->> 'chatId' AS in_chat, value ->> 'id' AS message_id FROM json_each(?))
             CROSS JOIN messages ON chat_id = in_chat AND id = message_id`,
            JSON.stringify(places),
          ),
        ),
      ]

/** The keys of messages that changed after a number, in the order of their changes. */
export const changedAfter = (sql: SqlStorage, seq: number, limit: number) =>
  sql
    .exec<MessageKey & { seq: number }>(
      'SELECT chat_id, id, seq FROM messages INDEXED BY messages_by_seq WHERE seq > ? ORDER BY seq LIMIT ? + 0',
      seq,
      limit,
    )
    .toArray()

/** Messages that quote the given one. */
export const quoting = (sql: SqlStorage, chatId: string, id: string, afterId: string, limit: number) => [
  ...rowsOf(
    sql.exec<MessageRow>(
      // Without the name of the index, SQLite reads the whole chat.
      `SELECT ${messageColumns} FROM messages INDEXED BY messages_by_quoted
         WHERE chat_id = ? AND reply_to_id = ? AND id > ? ORDER BY id LIMIT ? + 0`,
      chatId,
      id,
      afterId,
      limit,
    ),
  ),
]

export const attachmentsOf = (row: Pick<MessageRow, 'attachments'>): FileMetadata[] =>
  row.attachments ? JSON.parse(row.attachments) : []

/** The metadata as JSON. An older version that was rolled back to leaves that of the messages that it deletes. */
export const storedMetadata = ({ deleted_at, metadata }: Pick<MessageRow, 'deleted_at' | 'metadata'>): string | null =>
  deleted_at === null ? metadata : null

/** A quote as it is stored, sent, and read. Mailboxes of an older version quote a text as a whole. */
export const shortQuote = (quote: StoredQuote): StoredQuote => ({
  ...quote,
  text: excerpt(quote.text, limits.quoteCharactersMax),
})

export const storedQuoteOf = (row: Pick<MessageRow, 'reply_to'>): StoredQuote | null =>
  row.reply_to ? shortQuote(JSON.parse(row.reply_to)) : null

/** The quote as clients see it. */
export function quoteOf(row: Pick<MessageRow, 'reply_to'>): Quote | null {
  const stored = storedQuoteOf(row)
  return stored && { id: stored.id, senderId: stored.senderId, text: stored.text }
}

export const blankQuote = (reply: string): string => JSON.stringify({ ...JSON.parse(reply), text: '' })

export const ownReactionsOf = (row: Pick<MessageRow, 'own_reactions'>): OwnReaction[] =>
  row.own_reactions ? JSON.parse(row.own_reactions) : []

/** Reactions that the owner took back. */
export const removedReactionsOf = (row: Pick<MessageRow, 'removed_reactions'>): OwnReaction[] =>
  row.removed_reactions ? JSON.parse(row.removed_reactions) : []

/** When the peer added their reactions, by emoji. */
export const peerReactedAt = (row: Pick<MessageRow, 'peer_reacted_at'>): Record<string, number> =>
  row.peer_reacted_at ? JSON.parse(row.peer_reacted_at) : {}

export const peerReactionsOf = (row: Pick<MessageRow, 'peer_reactions'>): string[] =>
  row.peer_reactions ? JSON.parse(row.peer_reactions) : []

/** Reactions of either side, as stored. */
export const storedReactions = (reactions: OwnReaction[] | string[]): string | null =>
  reactions.length > 0 ? JSON.stringify(reactions) : null

/** What is left of a message that its author deleted. */
export const blank = (now: number) =>
  ({
    text: '',
    attachments: null,
    metadata: null,
    own_reactions: null,
    peer_reactions: null,
    peer_reacted_at: null,
    removed_reactions: null,
    edited_at: null,
    deleted_at: now,
  }) satisfies Partial<MessageRow>
