import type { DurableContext } from '../../durable/context'

/**
 * Users whom the owner has saved. A removed contact stays as a row, so that clients that follow the changes learn of
 * the removal.
 */
export type ContactRow = {
  user_id: string
  seq: number
  name: string | null
  created_at: number
  updated_at: number
  removed: number
  /** The profile as JSON, as it was last seen; null: not yet. Where there is a chat, its own counts. */
  profile: string | null
  /** Whether the user has deleted their account. */
  gone: number
}

export const find = (sql: SqlStorage, userId: string): ContactRow | undefined =>
  sql.exec<ContactRow>('SELECT * FROM contacts WHERE user_id = ?', userId).toArray()[0]

/** Whether the owner has the user among their contacts. */
export const isSaved = (sql: SqlStorage, userId: string): boolean => find(sql, userId)?.removed === 0

/** Saves a change to a row, stamped with the next number. */
export function save({ sql, sequence }: DurableContext, row: Omit<ContactRow, 'seq'>): ContactRow {
  const saved = { ...row, seq: sequence.take() }
  sql.exec(
    `INSERT INTO contacts (user_id, seq, name, created_at, updated_at, removed, profile, gone)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq, name = excluded.name, created_at = excluded.created_at,
       updated_at = excluded.updated_at, removed = excluded.removed, profile = excluded.profile, gone = excluded.gone`,
    saved.user_id,
    saved.seq,
    saved.name,
    saved.created_at,
    saved.updated_at,
    saved.removed,
    saved.profile,
    saved.gone,
  )
  return saved
}

export const count = (sql: SqlStorage): number =>
  sql.exec<{ contacts: number }>('SELECT contacts FROM contact_totals').one().contacts

/** The contacts after a user id, ordered by id. */
export const after = (sql: SqlStorage, userId: string, limit: number): ContactRow[] =>
  sql
    .exec<ContactRow>(
      `SELECT * FROM contacts INDEXED BY saved_contacts
       WHERE user_id > ? AND removed = 0 ORDER BY user_id LIMIT ? + 0`,
      userId,
      limit,
    )
    .toArray()

/** The contacts after a user id that the owner has no chat with, ordered by id. */
export const withoutChat = (sql: SqlStorage, userId: string, limit: number): ContactRow[] =>
  sql
    .exec<ContactRow>(
      `SELECT * FROM contacts INDEXED BY saved_contacts WHERE user_id > ? AND removed = 0
         AND NOT EXISTS (SELECT 1 FROM chats WHERE peer_id = user_id) ORDER BY user_id LIMIT ? + 0`,
      userId,
      limit,
    )
    .toArray()

/** The values of a row, in the order of the statement that reads many. */
type Values = [
  user_id: string,
  seq: number,
  name: string | null,
  created_at: number,
  updated_at: number,
  removed: number,
  profile: string | null,
  gone: number,
]

/** Rows that changed after a number and up to another, including removed ones. */
export function changedAfter(sql: SqlStorage, after: number, limit: number): ContactRow[] {
  const cursor = sql.exec<ContactRow>(
    `SELECT user_id, seq, name, created_at, updated_at, removed, profile, gone FROM contacts
     WHERE seq > ? ORDER BY seq LIMIT ? + 0`,
    after,
    limit,
  )
  return Array.from(cursor.raw<Values>(), ([user_id, seq, name, created_at, updated_at, removed, profile, gone]) => ({
    user_id,
    seq,
    name,
    created_at,
    updated_at,
    removed,
    profile,
    gone,
  }))
}

/** The number of the last change of any contact, or 0. */
export const greatestContactSeq = (sql: SqlStorage): number =>
  sql.exec<{ last: number }>('SELECT coalesce(max(seq), 0) AS last FROM contacts').one().last
