import type { GroupEvent } from '../../../src/core/group'
import type { Stretch } from '../../durable/newest-first'

/** A message of the group. Rows are never deleted: a retry of any message finds it. */
export type GroupMessageRow = {
  id: string
  seq: number
  sender_id: string
  client_message_id: string | null
  request_hash: string | null
  text: string
  /** JSON of `FileMetadata[]`; null if there are none. */
  attachments: string | null
  /** Custom data as JSON. */
  metadata: string | null
  reply_to_id: string | null
  /** JSON of the quote. */
  reply_to: string | null
  /** JSON of user ids; null if there are none. */
  mentions: string | null
  /** JSON of `StoredReaction[]`; null if there are none. */
  reactions: string | null
  /** JSON of `GroupEvent`; null for what somebody wrote. */
  event: string | null
  /** When it was pinned; null if it is not. */
  pinned_at: number | null
  created_at: number
  edited_at: number | null
  deleted_at: number | null
}

/** An emoji on a message: how often, and the first who chose it. */
export interface StoredReaction {
  emoji: string
  count: number
  userIds: string[]
}

const columns = [
  'id',
  'seq',
  'sender_id',
  'client_message_id',
  'request_hash',
  'text',
  'attachments',
  'metadata',
  'reply_to_id',
  'reply_to',
  'mentions',
  'reactions',
  'event',
  'pinned_at',
  'created_at',
  'edited_at',
  'deleted_at',
] as const satisfies (keyof GroupMessageRow)[]

export const selected = columns.join(', ')
const qualified = columns.map((column) => `messages.${column}`).join(', ')

export const find = (sql: SqlStorage, id: string): GroupMessageRow | undefined =>
  sql.exec<GroupMessageRow>(`SELECT ${selected} FROM messages WHERE id = ?`, id).toArray()[0]

export const findByClientId = (sql: SqlStorage, senderId: string, clientMessageId: string) =>
  sql
    .exec<GroupMessageRow>(
      `SELECT ${selected} FROM messages WHERE sender_id = ? AND client_message_id = ?`,
      senderId,
      clientMessageId,
    )
    .toArray()[0]

export const insert = (sql: SqlStorage, row: GroupMessageRow) => {
  sql.exec(
    `INSERT INTO messages (${selected}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...columns.map((column) => row[column]),
  )
}

/** Overwrites the columns that can change. */
export const update = (sql: SqlStorage, row: GroupMessageRow) => {
  sql.exec(
    `UPDATE messages SET seq = ?, text = ?, attachments = ?, metadata = ?, reply_to = ?, mentions = ?, reactions = ?,
       pinned_at = ?, edited_at = ?, deleted_at = ? WHERE id = ?`,
    row.seq,
    row.text,
    row.attachments,
    row.metadata,
    row.reply_to,
    row.mentions,
    row.reactions,
    row.pinned_at,
    row.edited_at,
    row.deleted_at,
    row.id,
  )
}

/** Which messages a member sees: those after an id, without those that they have hidden. */
export interface View {
  userId: string
  floor: string
}

/** With the id of the member. */
export const isShown = 'NOT EXISTS (SELECT 1 FROM hidden WHERE user_id = ? AND message_id = messages.id)'

/** Messages before an id, newest first. */
export const before = (sql: SqlStorage, { userId, floor }: View, id: string, limit: number): GroupMessageRow[] =>
  sql
    .exec<GroupMessageRow>(
      `SELECT ${selected} FROM messages WHERE id < ? AND id > ? AND ${isShown} ORDER BY id DESC LIMIT ? + 0`,
      id,
      floor,
      userId,
      limit,
    )
    .toArray()

/** Messages after an id, oldest first. */
export const after = (sql: SqlStorage, { userId, floor }: View, id: string, limit: number): GroupMessageRow[] =>
  sql
    .exec<GroupMessageRow>(
      `SELECT ${selected} FROM messages WHERE id > ? AND id > ? AND ${isShown} ORDER BY id LIMIT ? + 0`,
      id,
      floor,
      userId,
      limit,
    )
    .toArray()

/**
 * The same, one by one as far as they are asked for, up to so many. They are read in chunks: a cursor that is not read to
 * its end stays open, and its statement has to be compiled again.
 */
export function* inChunks(
  read: typeof before,
  { sql, view, id, chunk, most }: { sql: SqlStorage; view: View; id: string; chunk: number; most: number },
): Generator<GroupMessageRow> {
  for (let [place, left] = [id, most]; left > 0; left -= chunk) {
    const rows = read(sql, view, place, Math.min(chunk, left))
    yield* rows
    const last = rows.at(-1)
    if (rows.length < chunk || !last) return
    place = last.id
  }
}

/** Messages that changed after a number, in the order of their changes, whoever may see them. */
export const changedAfter = (sql: SqlStorage, seq: number, limit: number): GroupMessageRow[] =>
  sql
    .exec<GroupMessageRow>(
      `SELECT ${selected} FROM messages INDEXED BY messages_by_seq WHERE seq > ? ORDER BY seq LIMIT ? + 0`,
      seq,
      limit,
    )
    .toArray()

/** The messages with these ids, in their order. */
export const at = (sql: SqlStorage, ids: readonly string[]): GroupMessageRow[] =>
  ids.length === 0
    ? []
    : sql
        .exec<GroupMessageRow>(
          `SELECT ${qualified} FROM json_each(?) AS asked CROSS JOIN messages ON messages.id = asked.value`,
          JSON.stringify(ids),
        )
        .toArray()

/** The latest ids of a stretch, newest first. */
export const newestIds = (sql: SqlStorage, { from, before }: Stretch, limit: number): string[] =>
  sql
    .exec<{ id: string; sender_id: string }>(
      'SELECT id, sender_id FROM messages WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ? + 0',
      from,
      before,
      limit,
    )
    .toArray()
    .map(({ id }) => id)

/** The ids of messages that changed after a number, in the order of their changes. */
export const idsChangedAfter = (sql: SqlStorage, seq: number, limit: number) =>
  sql
    .exec<{ id: string; seq: number }>(
      'SELECT id, seq FROM messages INDEXED BY messages_by_seq WHERE seq > ? ORDER BY seq LIMIT ? + 0',
      seq,
      limit,
    )
    .toArray()

/** How many messages changed after a number, at most `limit`. */
export const countChangedAfter = (sql: SqlStorage, seq: number, limit: number): number =>
  sql
    .exec<{ count: number }>(
      `SELECT count(*) AS count FROM (
         SELECT 1 FROM messages INDEXED BY messages_by_seq WHERE seq > ? LIMIT ? + 0)`,
      seq,
      limit,
    )
    .one().count

/** Messages that quote the given one. */
export const quoting = (sql: SqlStorage, id: string, afterId: string, limit: number) =>
  sql
    .exec<GroupMessageRow>(
      `SELECT ${selected} FROM messages INDEXED BY messages_by_quoted
         WHERE reply_to_id = ? AND id > ? ORDER BY id LIMIT ? + 0`,
      id,
      afterId,
      limit,
    )
    .toArray()

/**
 * How many messages above an id are unread for a member, of at most `scanned` that are looked at. Null if there are more
 * than that.
 */
export function countUnread(sql: SqlStorage, userId: string, aboveId: string, scanned: number): number | null {
  const { seen, unread } = sql
    .exec<{ seen: number; unread: number }>(
      `SELECT count(*) AS seen, coalesce(sum(sender_id <> ? AND deleted_at IS NULL AND event IS NULL
         AND NOT EXISTS (SELECT 1 FROM hidden WHERE user_id = ? AND message_id = above.id)), 0) AS unread
       FROM (SELECT id, sender_id, deleted_at, event FROM messages WHERE id > ? ORDER BY id LIMIT ? + 0) AS above`,
      userId,
      userId,
      aboveId,
      scanned,
    )
    .one()
  return seen < scanned ? unread : null
}

export const eventOf = ({ event }: GroupMessageRow): GroupEvent | null => (event === null ? null : JSON.parse(event))

export const mentionsOf = ({ mentions }: GroupMessageRow): string[] => (mentions === null ? [] : JSON.parse(mentions))

export const reactionsOf = ({ reactions }: GroupMessageRow): StoredReaction[] =>
  reactions === null ? [] : JSON.parse(reactions)

/** What is left of a message that was deleted for everyone. */
export const blank = (now: number) =>
  ({
    text: '',
    attachments: null,
    metadata: null,
    mentions: null,
    reactions: null,
    pinned_at: null,
    edited_at: null,
    deleted_at: now,
  }) satisfies Partial<GroupMessageRow>
