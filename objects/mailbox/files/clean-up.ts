import { limits } from '../../../src/core/limits'

/** When the next clean-up is due (epoch milliseconds), or null. */
export const cleanUpDue = (sql: SqlStorage): number | null =>
  sql.exec<{ due: number | null }>('SELECT min(clean_at) AS due FROM files WHERE clean_at IS NOT NULL').one().due

/**
 * Takes the files that are due for removal. They can no longer be stored: an upload that finishes late finds its
 * reservation gone. Until `forgetFiles` is called, they become due again later.
 */
export function takeRemovable(sql: SqlStorage, now: number): string[] {
  return sql
    .exec<{ id: string }>(
      `UPDATE files SET state = 'removing', clean_at = ?
       WHERE id IN (SELECT id FROM files WHERE clean_at <= ? LIMIT ? + 0) RETURNING id`,
      now + limits.fileCleanUpMs,
      now,
      limits.filesCleanedAtOnce,
    )
    .toArray()
    .map(({ id }) => id)
}

/** Deletes the rows of files whose bytes have been removed, except of those that are to be removed once more. */
export const forgetFiles = (sql: SqlStorage, fileIds: readonly string[]) => {
  const ids = JSON.stringify(fileIds)
  sql.exec(`DELETE FROM files WHERE state = 'removing' AND avatar = 0 AND id IN (SELECT value FROM json_each(?))`, ids)
  sql.exec(
    `UPDATE files SET avatar = 0 WHERE state = 'removing' AND avatar = 1 AND id IN (SELECT value FROM json_each(?))`,
    ids,
  )
}
