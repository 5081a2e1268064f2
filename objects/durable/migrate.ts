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

/** The tables of a kind of object. */
interface Tables {
  /** An append-only list of SQL scripts: a script that has been deployed is never edited. */
  migrations: readonly string[]
  /** What all of them together make of an empty object, as one script. Without it, a new object gets them one by one. */
  schema?: string
}

/**
 * Brings the tables up to date in one block: a new object gets them all at once, and another one each migration that it
 * lacks, in order. `now` is in epoch milliseconds.
 */
export function migrate(storage: DurableObjectStorage, { migrations, schema }: Tables, now: number) {
  const { sql } = storage
  storage.transactionSync(() => {
    const isNew = !hasMigrations(sql)
    for (const table of kernelTables) sql.exec(table)
    const applied = new Set(
      sql
        .exec<{ id: number }>('SELECT id FROM migrations')
        .toArray()
        .map(({ id }) => id),
    )
    const lacking = [...migrations.keys()].filter((id) => !applied.has(id))
    const scripts = isNew && schema !== undefined ? [schema] : lacking.map((id) => migrations[id] ?? '')
    for (const script of scripts) sql.exec(script)
    const ids = JSON.stringify(lacking)
    sql.exec('INSERT INTO migrations (id, applied_at) SELECT value, ? FROM json_each(?)', now, ids)
  })
}
