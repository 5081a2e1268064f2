/** The single values of a mailbox, as text by key, in the table `meta`. */
export const read = (sql: SqlStorage, key: string): string | undefined =>
  sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()[0]?.value

export const write = (sql: SqlStorage, key: string, value: string) => {
  sql.exec(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  )
}

export const remove = (sql: SqlStorage, key: string) => {
  sql.exec('DELETE FROM meta WHERE key = ?', key)
}
