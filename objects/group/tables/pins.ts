import { type GroupMessageRow, isShown, selected, type View } from './messages'

/** Messages that are pinned, by when that was. */

/** The times of the latest pins, newest first. */
export const times = (sql: SqlStorage, limit: number): number[] =>
  sql
    .exec<{ pinned_at: number }>(
      `SELECT pinned_at FROM messages INDEXED BY messages_pinned WHERE pinned_at IS NOT NULL
         ORDER BY pinned_at DESC LIMIT ? + 0`,
      limit,
    )
    .toArray()
    .map(({ pinned_at }) => pinned_at)

/** Those that a member sees and that were pinned before a time, newest pin first. */
export const before = (sql: SqlStorage, { userId, floor }: View, time: number, limit: number) =>
  sql
    .exec<GroupMessageRow>(
      `SELECT ${selected} FROM messages INDEXED BY messages_pinned
         WHERE pinned_at < ? AND id > ? AND ${isShown} ORDER BY pinned_at DESC LIMIT ? + 0`,
      time,
      floor,
      userId,
      limit,
    )
    .toArray()
