/** The tables of the kernel itself. */
const kernelTables = [
  'CREATE TABLE IF NOT EXISTS migrations (id INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS alarm_jobs (
     name TEXT PRIMARY KEY, failures INTEGER NOT NULL, retry_at INTEGER NOT NULL
   ) WITHOUT ROWID`,
]

/** Whether migrations have ever been applied to this object. The check creates nothing. */
export const hasMigrations = (sql: SqlStorage): boolean =>
  sql.exec(`SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'migrations'`).toArray().length > 0

/**
 * Brings the tables up to date in one block, applying each migration once and in order. `migrations` is an append-only
 * list of SQL scripts: a script that has been deployed is never edited. `now` is in epoch milliseconds.
 */
export function migrate(storage: DurableObjectStorage, migrations: readonly string[], now: number) {
  const { sql } = storage
  storage.transactionSync(() => {
    for (const table of kernelTables) sql.exec(table)
    const applied = new Set(
      sql
        .exec<{ id: number }>('SELECT id FROM migrations')
        .toArray()
        .map(({ id }) => id),
    )
    migrations.forEach((statements, id) => {
      if (applied.has(id)) return
      sql.exec(statements)
      sql.exec('INSERT INTO migrations (id, applied_at) VALUES (?, ?)', id, now)
    })
  })
}
