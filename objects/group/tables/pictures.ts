/** Files in R2 that are no longer, or not yet, the picture of the group, each with when it is to be removed. */

export const removeAt = (sql: SqlStorage, fileId: string, time: number) => {
  sql.exec(
    'INSERT INTO pictures (file_id, clean_at) VALUES (?, ?) ON CONFLICT (file_id) DO UPDATE SET clean_at = excluded.clean_at',
    fileId,
    time,
  )
}

/** Takes a file over that is not to be removed yet. Returns whether there was one. */
export const keep = (sql: SqlStorage, fileId: string, now: number): boolean =>
  sql.exec('DELETE FROM pictures WHERE file_id = ? AND clean_at > ? RETURNING file_id', fileId, now).toArray().length >
  0

/** When the next file is to be removed (epoch milliseconds), or null. */
export const due = (sql: SqlStorage): number | null =>
  sql.exec<{ due: number | null }>('SELECT min(clean_at) AS due FROM pictures WHERE clean_at > 0').one().due

export const removable = (sql: SqlStorage, now: number, limit: number): string[] =>
  sql
    .exec<{ file_id: string }>('SELECT file_id FROM pictures WHERE clean_at <= ? LIMIT ? + 0', now, limit)
    .toArray()
    .map(({ file_id }) => file_id)

export const forget = (sql: SqlStorage, fileIds: readonly string[]) => {
  sql.exec('DELETE FROM pictures WHERE file_id IN (SELECT value FROM json_each(?))', JSON.stringify(fileIds))
}
