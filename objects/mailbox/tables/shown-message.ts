import { limits } from '../../../src/core/limits'
import type { Place } from '../../durable/newest-first'
import type { MessageRow } from './message-row'

/** Columns that are empty in a plain message: text without files, metadata, quote, or reactions, and neither edited nor deleted. */
const rareColumns = [
  'attachments',
  'metadata',
  'reply_to',
  'own_reactions',
  'peer_reactions',
  'peer_reacted_at',
  'edited_at',
  'deleted_at',
] as const satisfies (keyof MessageRow)[]

type RareColumns = Pick<MessageRow, (typeof rareColumns)[number]>

type UsualColumns = Pick<MessageRow, 'id' | 'mine' | 'client_message_id' | 'text' | 'refused' | 'created_at'>

/** What a message is shown from. */
export type ShownMessage = UsualColumns & RareColumns & Pick<MessageRow, 'chat_id'>

/**
 * A message as pages read it. Most are plain, and a value that is read takes time even if it is null: so the rare columns
 * are one value, the JSON of an object, which is null in a plain message.
 */
export interface PageRow extends UsualColumns {
  rare: string | null
}

type Values = [
  id: string,
  mine: number,
  client_message_id: string | null,
  text: string,
  refused: number,
  created_at: number,
  rare: string | null,
]

/** The columns of a `SELECT` that begins as `pageRow` reads it. */
export const pageColumns = `id, mine, client_message_id, text, refused, created_at,
  iif(coalesce(${rareColumns.join(', ')}) IS NULL, NULL,
      json_object(${rareColumns.map((column) => `'${column}', ${column}`).join(', ')})) AS rare`

const pageRow = ([id, mine, client_message_id, text, refused, created_at, rare]: Values): PageRow => ({
  id,
  mine,
  client_message_id,
  text,
  refused,
  created_at,
  rare,
})

/** The rows of `SELECT ${pageColumns}`. */
export const pageRows = (cursor: SqlStorageCursor<never>): PageRow[] => Array.from(cursor.raw<Values>(), pageRow)

/** The messages at these places, in one statement. */
export const pageRowsAt = (sql: SqlStorage, places: readonly Place[]): PageRow[] =>
  places.length === 0
    ? []
    : pageRows(
        sql.exec<never>(
          `SELECT ${pageColumns} FROM
             (SELECT value ->> 'chatId' AS in_chat, value ->> 'id' AS message_id FROM json_each(?))
           CROSS JOIN messages ON chat_id = in_chat AND id = message_id`,
          JSON.stringify(places),
        ),
      )

/** A message as a page of changes reads it. */
export type ChangedMessage = PageRow & Pick<MessageRow, 'chat_id' | 'seq' | 'hidden'>

/**
 * Messages that changed after a number, in the order of their changes. Reads no further than a page of them holds, so that
 * long messages are not read only to be left over: `isCut` then.
 */
export function changedMessagesAfter(sql: SqlStorage, seq: number, limit: number) {
  const rows: ChangedMessage[] = []
  const cursor = sql.exec<never>(
    `SELECT ${pageColumns}, chat_id, seq, hidden FROM messages WHERE seq > ? ORDER BY seq LIMIT ? + 0`,
    seq,
    limit,
  )
  let characters = 0
  for (const values of cursor.raw<ChangedValues>()) {
    const row = changedMessage(values)
    rows.push(row)
    characters += row.text.length + (row.rare?.length ?? 0)
    if (characters > limits.changesBytesMax) return { rows, isCut: true }
  }
  return { rows, isCut: false }
}

type ChangedValues = [...Values, chat_id: string, seq: number, hidden: number]

const changedMessage = ([
  id,
  mine,
  client_message_id,
  text,
  refused,
  created_at,
  rare,
  chat_id,
  seq,
  hidden,
]: ChangedValues): ChangedMessage => ({
  id,
  mine,
  client_message_id,
  text,
  refused,
  created_at,
  rare,
  chat_id,
  seq,
  hidden,
})

const noRare: RareColumns = {
  attachments: null,
  metadata: null,
  reply_to: null,
  own_reactions: null,
  peer_reactions: null,
  peer_reacted_at: null,
  edited_at: null,
  deleted_at: null,
}

/** A row of a page with all columns that a message is shown from. */
export const wholeRow = (chatId: string, { rare, ...usual }: PageRow): ShownMessage => ({
  ...usual,
  ...(rare === null ? noRare : (JSON.parse(rare) as RareColumns)),
  chat_id: chatId,
})
