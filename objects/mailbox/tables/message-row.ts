import type { Quote } from '../../../schemas/message'

/**
 * A message in one mailbox. Rows are never deleted: their ids, and the client message ids of the owner's messages,
 * identify retries forever.
 */
export type MessageRow = {
  chat_id: string
  id: string
  seq: number
  mine: number
  client_message_id: string | null
  /** Hash of what the client asked to send, to distinguish a retry from a reused id. */
  request_hash: string | null
  text: string
  /** JSON of `FileMetadata[]`; null if there are none. */
  attachments: string | null
  reply_to_id: string | null
  /** JSON of `StoredQuote`. */
  reply_to: string | null
  /** JSON of `OwnReaction[]`; null if there are none. */
  own_reactions: string | null
  /** A JSON array of emoji; null if there are none. */
  peer_reactions: string | null
  /** JSON: when the peer added each of them (epoch milliseconds), by emoji. Those of before have no time. */
  peer_reacted_at: string | null
  /** JSON of `OwnReaction[]`: those that the owner took back, each with the revision of that; null when there are none. */
  removed_reactions: string | null
  created_at: number
  edited_at: number | null
  deleted_at: number | null
  /** 1 if deleted only for the owner of this mailbox. */
  hidden: number
  /** 1 if the peer's mailbox refused it, under a block. */
  refused: number
  /** The chat's revision when the owner last changed this row after its creation. */
  revision: number | null
  /** The same, for its content or deletion only. */
  content_revision: number | null
  /** Custom data as JSON; null if there is none. */
  metadata: string | null
}

/** A quote, and the revision of the text that it quotes. Quotes of before have none. */
export type StoredQuote = Quote & { contentRevision?: number }

/** A reaction of the owner's, and the chat's revision when it was added. */
export interface OwnReaction {
  emoji: string
  revision: number
  /** When it was added (epoch milliseconds), which both sides sort by. Those of before have none. */
  at?: number
}

/** The columns of the table, in the order of what `rowsOf` reads. */
export const columns = [
  'chat_id',
  'id',
  'seq',
  'mine',
  'client_message_id',
  'request_hash',
  'text',
  'attachments',
  'reply_to_id',
  'reply_to',
  'own_reactions',
  'peer_reactions',
  'removed_reactions',
  'created_at',
  'edited_at',
  'deleted_at',
  'hidden',
  'refused',
  'revision',
  'content_revision',
  'peer_reacted_at',
  'metadata',
] as const satisfies (keyof MessageRow)[]

/** The columns of a `SELECT` that `rowsOf` reads. */
export const messageColumns = columns.join(', ')

/** The values of a row, in the order of `columns`. */
type Values = [
  chat_id: string,
  id: string,
  seq: number,
  mine: number,
  client_message_id: string | null,
  request_hash: string | null,
  text: string,
  attachments: string | null,
  reply_to_id: string | null,
  reply_to: string | null,
  own_reactions: string | null,
  peer_reactions: string | null,
  removed_reactions: string | null,
  created_at: number,
  edited_at: number | null,
  deleted_at: number | null,
  hidden: number,
  refused: number,
  revision: number | null,
  content_revision: number | null,
  peer_reacted_at: string | null,
  metadata: string | null,
]

/** Spelled out, because V8 makes such an object much faster than one of columns in a loop. */
const fromValues = ([
  chat_id,
  id,
  seq,
  mine,
  client_message_id,
  request_hash,
  text,
  attachments,
  reply_to_id,
  reply_to,
  own_reactions,
  peer_reactions,
  removed_reactions,
  created_at,
  edited_at,
  deleted_at,
  hidden,
  refused,
  revision,
  content_revision,
  peer_reacted_at,
  metadata,
]: Values): MessageRow => ({
  chat_id,
  id,
  seq,
  mine,
  client_message_id,
  request_hash,
  text,
  attachments,
  reply_to_id,
  reply_to,
  own_reactions,
  peer_reactions,
  removed_reactions,
  created_at,
  edited_at,
  deleted_at,
  hidden,
  refused,
  revision,
  content_revision,
  peer_reacted_at,
  metadata,
})

/** The rows of `SELECT ${messageColumns}`, one by one as they are asked for. */
export function* rowsOf(cursor: SqlStorageCursor<MessageRow>): Generator<MessageRow> {
  for (const values of cursor.raw<Values>()) yield fromValues(values)
}
