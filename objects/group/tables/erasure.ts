import { limits } from '../../../src/core/limits'

/**
 * What a group holds for its members, each table with columns that name its rows, those of its key first. Names of members
 * go last, in `bury`.
 */
const content = {
  blanked_quotes: ['message_id'],
  reactions: ['message_id', 'emoji', 'user_id'],
  mentions: ['user_id', 'message_id'],
  files: ['file_id', 'message_id'],
  hidden: ['user_id', 'message_id'],
  bans: ['user_id'],
  search_blocks: ['start'],
  invites: ['id'],
  join_requests: ['user_id'],
  messages: ['id', 'sender_id'],
} as const

/** Deletes a slice of what a group holds, all of one table. Returns whether it has found anything. */
export function eraseSlice(sql: SqlStorage): boolean {
  return Object.entries(content).some(([table, columns]) => {
    const key = columns.join(', ')
    const { rowsWritten } = sql.exec(
      `DELETE FROM ${table} WHERE (${key}) IN (
         SELECT ${key} FROM ${table} WHERE ${columns[0]} >= '' ORDER BY ${key} LIMIT ? + 0)`,
      limits.groupRowsErasedAtOnce,
    )
    return rowsWritten > 0
  })
}

/** The number of the last change of a group that has ended and was erased; null if this object is not one. */
export function findTombstone(sql: SqlStorage): number | null {
  const isErased =
    sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'tombstone'`).toArray().length > 0
  return isErased ? sql.exec<{ seq: number }>('SELECT seq FROM tombstone').one().seq : null
}

/**
 * Deletes everything but a tombstone, which tells mailboxes that ask later that their owners are in the group no longer. The
 * deletion and the tombstone are written before anything else can happen, so they become durable together.
 */
export async function bury(storage: DurableObjectStorage, seq: number, now: number) {
  const deleted = storage.deleteAll()
  storage.sql.exec('CREATE TABLE tombstone (erased_at INTEGER NOT NULL, seq INTEGER NOT NULL)')
  storage.sql.exec('INSERT INTO tombstone (erased_at, seq) VALUES (?, ?)', now, seq)
  await deleted
}
