/** Somebody who has asked to become a member. */
export type JoinRequestRow = {
  user_id: string
  /** The invitation that they used. */
  invite_id: string
  /** JSON of `GroupProfile`, as it was when they asked. */
  profile: string
  requested_at: number
}

const columns = 'user_id, invite_id, profile, requested_at'

export const find = (sql: SqlStorage, userId: string): JoinRequestRow | undefined =>
  sql.exec<JoinRequestRow>(`SELECT ${columns} FROM join_requests WHERE user_id = ?`, userId).toArray()[0]

/** Requests after a user id, in that order. */
export const after = (sql: SqlStorage, userId: string, limit: number): JoinRequestRow[] =>
  sql
    .exec<JoinRequestRow>(
      `SELECT ${columns} FROM join_requests WHERE user_id > ? ORDER BY user_id LIMIT ? + 0`,
      userId,
      limit,
    )
    .toArray()

export const insert = (sql: SqlStorage, { user_id, invite_id, profile, requested_at }: JoinRequestRow) => {
  sql.exec(`INSERT INTO join_requests (${columns}) VALUES (?, ?, ?, ?)`, user_id, invite_id, profile, requested_at)
}

/** Returns whether there was one. */
export const remove = (sql: SqlStorage, userId: string): boolean =>
  sql.exec('DELETE FROM join_requests WHERE user_id = ?', userId).rowsWritten > 0
