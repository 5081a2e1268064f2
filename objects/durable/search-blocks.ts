import type { Place, Stretch } from './newest-first'

/**
 * The rows of the search index. Blocks divide the time line of all messages of an object by their ids: each begins at
 * its `start`, the first at '', and ends where the next one begins. An object that has such an index has the table
 * `search_blocks`.
 */
export type BlockRow = {
  start: string
  /** A JSON array of the chats that have something to be found in the block; null: any chat may. */
  chats: string | null
  /** The signature of the texts. Null if they were never indexed: such a block is due. */
  signature: ArrayBuffer | null
  /** When the block is built anew (epoch milliseconds). Until then, its signature says nothing. Null if it is current. */
  rebuild_at: number | null
}

export interface Block extends Stretch {
  /** Null: any chat. */
  chatIds: string[] | null
}

/** Sorts after every id. */
const afterAll = '~'

const parsed = (chats: string | null): string[] | null => (chats === null ? null : JSON.parse(chats))

/** Where the block that begins at `start` ends. */
export const endOf = (sql: SqlStorage, start: string): string =>
  sql
    .exec<{ start: string }>('SELECT start FROM search_blocks WHERE start > ? ORDER BY start LIMIT 1', start)
    .toArray()[0]?.start ?? afterAll

export function findBlock(sql: SqlStorage, start: string): Block | undefined {
  const row = sql.exec<BlockRow>('SELECT start, chats FROM search_blocks WHERE start = ?', start).toArray()[0]
  return row && { from: start, before: endOf(sql, start), chatIds: parsed(row.chats) }
}

/** The block that is due first, and when. */
export const firstDue = (sql: SqlStorage): { start: string; rebuild_at: number } | undefined =>
  sql
    .exec<{ start: string; rebuild_at: number }>(
      `SELECT start, rebuild_at FROM search_blocks INDEXED BY search_blocks_by_time
       WHERE rebuild_at IS NOT NULL ORDER BY rebuild_at LIMIT 1`,
    )
    .toArray()[0]

/** Which chats have one of these messages in each block, by the block's start. */
export function blocksOf(sql: SqlStorage, places: readonly Place[]): Map<string, Set<string>> {
  const found = sql.exec<{ chat_id: string; start: string }>(
    `SELECT value ->> 'chatId' AS chat_id, (SELECT start FROM search_blocks
       WHERE start <= value ->> 'id' ORDER BY start DESC LIMIT 1) AS start FROM json_each(?)`,
    JSON.stringify(places),
  )
  const chatsByStart = new Map<string, Set<string>>()
  for (const { chat_id, start } of found) {
    const chats = chatsByStart.get(start)
    if (chats) chats.add(chat_id)
    else chatsByStart.set(start, new Set([chat_id]))
  }
  return chatsByStart
}

/** Notes that what these chats have in a block differs from its signature, and is to be indexed by a time. */
export function markBlock(sql: SqlStorage, start: string, chatIds: Iterable<string>, rebuildAt: number) {
  for (const chatId of chatIds)
    sql.exec(
      `UPDATE search_blocks SET chats = iif(instr(chats, ?1) > 0, chats, json_insert(chats, '$[#]', ?1)),
         rebuild_at = min(coalesce(rebuild_at, ?2), ?2)
       WHERE start = ?3 AND (rebuild_at IS NULL OR rebuild_at > ?2 OR instr(chats, ?1) = 0)`,
      chatId,
      rebuildAt,
      start,
    )
}

export function saveBlock(sql: SqlStorage, { start, chats, signature, rebuild_at }: BlockRow) {
  sql.exec(
    `INSERT INTO search_blocks (start, chats, signature, rebuild_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (start) DO UPDATE
     SET chats = excluded.chats, signature = excluded.signature, rebuild_at = excluded.rebuild_at`,
    start,
    chats,
    signature,
    rebuild_at,
  )
}

/** The start of the last of so many blocks that hold ids before one; '' if there are not as many. */
export const startOf = (sql: SqlStorage, before: string, blocks: number): string =>
  sql
    .exec<{ start: string }>(
      'SELECT start FROM search_blocks WHERE start < ? ORDER BY start DESC LIMIT 1 OFFSET ?',
      before,
      blocks - 1,
    )
    .toArray()[0]?.start ?? ''

/** Whether a signature has a bit, of a number as `bitsOf` returns it. */
const hasBit = (number: string) => {
  const bit = `(${number} % (8 * length(signature)))`
  const hexDigit = `substr(hex(substr(signature, 1 + (${bit} >> 3), 1)), 2 - ((${bit} >> 2) & 1), 1)`
  return `((instr('123456789ABCDEF', ${hexDigit}) >> (${bit} & 3)) & 1)`
}

/**
 * The blocks of a stretch, newest first, that are due, or that have something in the chat (or in any, if it is null) and
 * all of four bits. SQL looks at the bits, because to hand over every signature takes four times as long.
 */
export const blocksIn = (
  sql: SqlStorage,
  { from, before }: Stretch,
  chatId: string | null,
  bits: readonly [number, number, number, number],
) =>
  sql
    .exec<BlockRow>(
      `SELECT * FROM search_blocks WHERE start >= ?1 AND start < ?2 AND (?3 IS NULL OR chats IS NULL OR instr(chats, ?3) > 0)
         AND (rebuild_at IS NOT NULL OR (${['?4', '?5', '?6', '?7'].map(hasBit).join(' AND ')}))
       ORDER BY start DESC`,
      from,
      before,
      chatId,
      ...bits,
    )
    .toArray()
