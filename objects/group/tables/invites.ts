/** A code by which others can join. */
export type InviteRow = {
  id: string
  secret: string
  created_by: string
  created_at: number
  /** Epoch milliseconds; null: never. */
  expires_at: number | null
  /** How often it can be used; null: any number of times. */
  max_uses: number | null
  uses: number
  /** 1 if an admin has to approve whoever uses it. */
  needs_approval: number
}

const columns = [
  'id',
  'secret',
  'created_by',
  'created_at',
  'expires_at',
  'max_uses',
  'uses',
  'needs_approval',
] as const satisfies (keyof InviteRow)[]

/** All of them, oldest first. They are bounded by what may be kept. */
export const all = (sql: SqlStorage): InviteRow[] =>
  sql.exec<InviteRow>(`SELECT ${columns.join(', ')} FROM invites WHERE id > '' ORDER BY id`).toArray()

export const insert = (sql: SqlStorage, row: InviteRow) => {
  sql.exec(
    `INSERT INTO invites (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...columns.map((column) => row[column]),
  )
}

export const noteUse = (sql: SqlStorage, id: string) => {
  sql.exec('UPDATE invites SET uses = uses + 1 WHERE id = ?', id)
}

export const remove = (sql: SqlStorage, ids: readonly string[]) => {
  sql.exec('DELETE FROM invites WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids))
}

export const isExpired = ({ expires_at }: InviteRow, now: number) => expires_at !== null && expires_at <= now

/** Whether it can still be used. */
export const isUsable = (row: InviteRow, now: number) =>
  !isExpired(row, now) && (row.max_uses === null || row.uses < row.max_uses)
