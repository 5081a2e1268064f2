/** Somebody whom the group keeps out. */
export type BanRow = { user_id: string; banned_by: string; banned_at: number }

const columns = 'user_id, banned_by, banned_at'

export const find = (sql: SqlStorage, userId: string): BanRow | undefined =>
  sql.exec<BanRow>(`SELECT ${columns} FROM bans WHERE user_id = ?`, userId).toArray()[0]

export const isBanned = (sql: SqlStorage, userId: string): boolean => find(sql, userId) !== undefined

/** Bans after a user id, in that order. */
export const after = (sql: SqlStorage, userId: string, limit: number): BanRow[] =>
  sql
    .exec<BanRow>(`SELECT ${columns} FROM bans WHERE user_id > ? ORDER BY user_id LIMIT ? + 0`, userId, limit)
    .toArray()

export const add = (sql: SqlStorage, { user_id, banned_by, banned_at }: BanRow) => {
  sql.exec(`INSERT INTO bans (${columns}) VALUES (?, ?, ?)`, user_id, banned_by, banned_at)
}

export const remove = (sql: SqlStorage, userId: string) => {
  sql.exec('DELETE FROM bans WHERE user_id = ?', userId)
}
