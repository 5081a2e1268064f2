import type { ChatRow } from './chats'
import { isCleared } from './messages'
import { type PageRow, pageColumns, pageRows } from './shown-message'
import { afterAll, floor, later, past, runBefore, type Stretch } from './visible-messages'

/**
 * The visible messages of a chat that have attachments, by an index that holds nothing else: what is hidden or deleted
 * has left it. Messages that were cleared are in it until the alarm has emptied them, in runs that a page skips.
 */
const heldIn = (sql: SqlStorage, { peer_id }: ChatRow, { from, before, order, limit }: Stretch) =>
  pageRows(
    sql.exec<never>(
      // Without the name of the index, SQLite reads the whole chat.
      `SELECT ${pageColumns} FROM messages INDEXED BY messages_with_attachments
       WHERE chat_id = ? AND id >= ? AND id < ? AND attachments IS NOT NULL AND hidden = 0
       ORDER BY id ${order} LIMIT ? + 0`,
      peer_id,
      from,
      before,
      limit,
    ),
  )

/** The run of messages that are not visible in which a message is. Outside of one, the message alone. */
function runAround(sql: SqlStorage, chat: ChatRow, { id }: PageRow) {
  const run = runBefore(sql, chat, past(id))
  return run && run.last_id >= id ? run : { first_id: id, last_id: id }
}

/** Such messages before an id, newest first. */
export function before(sql: SqlStorage, chat: ChatRow, id: string, limit: number): PageRow[] {
  const rows: PageRow[] = []
  for (let end = id; ; ) {
    const wanted = limit - rows.length
    const held = heldIn(sql, chat, { from: floor(chat), before: end, order: 'DESC', limit: wanted })
    rows.push(...held.filter((row) => !isCleared(chat, row)))
    const last = held.at(-1)
    if (!last || held.length < wanted || rows.length >= limit) return rows
    end = runAround(sql, chat, last).first_id
  }
}

/** Such messages after an id, oldest first. */
export const after = (sql: SqlStorage, chat: ChatRow, id: string, limit: number) =>
  startingAt(sql, chat, past(id), limit)

/** Such messages from an id on, oldest first. */
export function startingAt(sql: SqlStorage, chat: ChatRow, id: string, limit: number): PageRow[] {
  const rows: PageRow[] = []
  for (let from = later(id, floor(chat)); ; ) {
    const wanted = limit - rows.length
    const held = heldIn(sql, chat, { from, before: afterAll, order: 'ASC', limit: wanted })
    rows.push(...held.filter((row) => !isCleared(chat, row)))
    const last = held.at(-1)
    if (!last || held.length < wanted || rows.length >= limit) return rows
    from = past(runAround(sql, chat, last).last_id)
  }
}
