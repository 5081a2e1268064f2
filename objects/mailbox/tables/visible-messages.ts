import type { ChatRow } from './chats'
import { type PageRow, pageColumns, pageRows } from './shown-message'

/**
 * The visible messages of a chat, in the order of its pages. What the owner hid or cleared keeps its rows, and a page
 * reads none of them: it begins at the chat's `visible_from` and skips runs of rows that are not visible. Triggers on
 * `messages` keep both right when a late message arrives among such rows, whatever version of the code inserts it.
 */
export type Run = { first_id: string; last_id: string }

/** Sorts after every id. */
export const afterAll = '~'

/** Sorts right after an id, before every other. */
export const past = (id: string) => `${id}~`

export const later = (a: string, b: string) => (a > b ? a : b)

/** Where a chat's visible messages begin at the earliest. */
export const floor = ({ visible_from, cleared_own_id, cleared_peer_id }: ChatRow) =>
  later(visible_from, cleared_own_id < cleared_peer_id ? cleared_own_id : cleared_peer_id)

/** The last run that begins before an id. */
export const runBefore = (sql: SqlStorage, chat: ChatRow, id: string): Run | undefined =>
  sql
    .exec<Run>(
      `SELECT first_id, last_id FROM hidden_runs
       WHERE chat_id = ? AND first_id < ? AND first_id >= ? ORDER BY first_id DESC LIMIT 1`,
      chat.peer_id,
      id,
      chat.visible_from,
    )
    .toArray()[0]

const runFrom = (sql: SqlStorage, chat: ChatRow, id: string): Run | undefined =>
  sql
    .exec<Run>(
      'SELECT first_id, last_id FROM hidden_runs WHERE chat_id = ? AND first_id >= ? ORDER BY first_id LIMIT 1',
      chat.peer_id,
      id,
    )
    .toArray()[0]

export interface Stretch {
  from: string
  before: string
  order: 'ASC' | 'DESC'
  limit: number
}

/** Each row is checked all the same: a run is left out only when nothing in it is visible, never the other way round. */
const visibleIn = (sql: SqlStorage, chat: ChatRow, { from, before, order, limit }: Stretch) =>
  pageRows(
    sql.exec<never>(
      `SELECT ${pageColumns} FROM messages
       WHERE chat_id = ? AND id >= ? AND id < ? AND hidden = 0 AND id > iif(mine, ?, ?) ORDER BY id ${order} LIMIT ? + 0`,
      chat.peer_id,
      from,
      before,
      chat.cleared_own_id,
      chat.cleared_peer_id,
      limit,
    ),
  )

/** Visible messages before an id, newest first. */
export function before(sql: SqlStorage, chat: ChatRow, id: string, limit: number): PageRow[] {
  const rows: PageRow[] = []
  for (let end = id; ; ) {
    const run = runBefore(sql, chat, end)
    const from = run ? past(run.last_id) : floor(chat)
    rows.push(...visibleIn(sql, chat, { from, before: end, order: 'DESC', limit: limit - rows.length }))
    if (!run || rows.length >= limit) return rows
    end = run.first_id
  }
}

/** Visible messages after an id, oldest first. */
export const after = (sql: SqlStorage, chat: ChatRow, id: string, limit: number) =>
  startingAt(sql, chat, past(id), limit)

/** Visible messages from an id on, oldest first. */
export function startingAt(sql: SqlStorage, chat: ChatRow, id: string, limit: number): PageRow[] {
  const rows: PageRow[] = []
  const around = runBefore(sql, chat, id)
  for (let from = later(later(id, around ? past(around.last_id) : ''), floor(chat)); ; ) {
    const run = runFrom(sql, chat, from)
    const end = run?.first_id ?? afterAll
    rows.push(...visibleIn(sql, chat, { from, before: end, order: 'ASC', limit: limit - rows.length }))
    if (!run || rows.length >= limit) return rows
    from = past(run.last_id)
  }
}

export const latestVisibleId = (sql: SqlStorage, chat: ChatRow) => before(sql, chat, afterAll, 1)[0]?.id ?? ''

const heldBefore = (sql: SqlStorage, chatId: string, id: string) =>
  sql
    .exec<{ id: string }>('SELECT id FROM messages WHERE chat_id = ? AND id < ? ORDER BY id DESC LIMIT 1', chatId, id)
    .toArray()[0]?.id

const heldAfter = (sql: SqlStorage, chatId: string, id: string) =>
  sql
    .exec<{ id: string }>('SELECT id FROM messages WHERE chat_id = ? AND id > ? ORDER BY id LIMIT 1', chatId, id)
    .toArray()[0]?.id

/** Has the pages of a chat skip a message that was visible until now. Returns the chat, which is still to be saved. */
export function skipMessage(sql: SqlStorage, chat: ChatRow, id: string): ChatRow {
  const previous = heldBefore(sql, chat.peer_id, id)
  const next = heldAfter(sql, chat.peer_id, id)
  const following = next === undefined ? undefined : runFrom(sql, chat, next)
  const right = following?.first_id === next ? following : undefined
  if (right) sql.exec('DELETE FROM hidden_runs WHERE chat_id = ? AND first_id = ?', chat.peer_id, right.first_id)
  const last = right?.last_id ?? id
  if (previous === undefined || previous < chat.visible_from) return { ...chat, visible_from: past(last) }
  const left = runBefore(sql, chat, id)
  sql.exec(
    `INSERT INTO hidden_runs (chat_id, first_id, last_id) VALUES (?, ?, ?)
     ON CONFLICT (chat_id, first_id) DO UPDATE SET last_id = excluded.last_id`,
    chat.peer_id,
    left?.last_id === previous ? left.first_id : id,
    last,
  )
  return chat
}
