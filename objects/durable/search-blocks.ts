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
const startOf = (sql: SqlStorage, before: string, blocks: number): string =>
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

type Bits = readonly [number, number, number, number]

/** Whether a block is due, or has all of four bits: SQL looks at them, because handing over every signature takes longer. */
const mayHaveBits = (first: number) =>
  `(rebuild_at IS NOT NULL OR (${[0, 1, 2, 3].map((n) => hasBit(`?${first + n}`)).join(' AND ')}))`

/** Blocks to be searched, newest first, and the id before which the next ones are; null if there are no more. */
export interface SearchedBlocks {
  blocks: BlockRow[]
  next: string | null
}

/** Looks at so many blocks of a stretch, and returns those that are due or have all of four bits. */
export function blocksIn(sql: SqlStorage, { from, before }: Stretch, bits: Bits, limit: number): SearchedBlocks {
  const start = startOf(sql, before, limit)
  const blocks = sql
    .exec<BlockRow>(
      `SELECT * FROM search_blocks WHERE start >= ?1 AND start < ?2 AND ${mayHaveBits(3)} ORDER BY start DESC`,
      start,
      before,
      ...bits,
    )
    .toArray()
  return { blocks, next: start <= from ? null : start }
}

const blockOf = (id: string) => `(SELECT start FROM search_blocks WHERE start <= ${id} ORDER BY start DESC LIMIT 1)`
const newestBefore = (id: string) =>
  `(SELECT id FROM messages WHERE chat_id = ?1 AND id < ${id} ORDER BY id DESC LIMIT 1)`

/**
 * The same for one chat: goes from each of its messages to the block, and from the block to the next message before it.
 * What other chats have between them takes no time, however much they write. The object's messages are in the table
 * `messages`, with `chat_id` and `id` as its key.
 */
export function blocksOfChat(
  sql: SqlStorage,
  chatId: string,
  { from, before }: Stretch,
  bits: Bits,
  limit: number,
): SearchedBlocks {
  const blocks = sql
    .exec<BlockRow & { step: number }>(
      `WITH RECURSIVE visited (first, step) AS (
         SELECT ${blockOf(newestBefore('?2'))}, 1
         UNION ALL
         SELECT ${blockOf(newestBefore('first'))}, step + 1 FROM visited WHERE first > ?3 AND step < ?4
       ) SELECT search_blocks.*, step FROM visited CROSS JOIN search_blocks ON start = first
       WHERE (chats IS NULL OR instr(chats, ?1) > 0) AND ${mayHaveBits(5)} OR step = ?4`,
      chatId,
      before,
      from,
      limit,
      ...bits,
    )
    .toArray()
  const last = blocks.at(-1)
  return { blocks, next: last?.step === limit && last.start > from ? last.start : null }
}
