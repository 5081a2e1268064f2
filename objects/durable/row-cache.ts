import type { Cache } from './unit-of-work'

type Row = Record<string, SqlStorageValue>

/** The cached table, the column that identifies a row, and all of its columns. */
export interface CachedTable<R extends Row> {
  table: string
  key: keyof R & string
  columns: readonly (keyof R & string)[]
}

/**
 * A write-through cache of all rows of a small table, read once after each wake. Finding and sorting rows costs no
 * reads, and the table needs no index. Rows are never deleted.
 */
export class RowCache<R extends Row> implements Cache {
  readonly #sql: SqlStorage
  readonly #table: CachedTable<R>
  readonly #upsert: string
  #rows: Map<unknown, R> | undefined
  #saved = new Map<unknown, R>()

  constructor(sql: SqlStorage, table: CachedTable<R>) {
    this.#sql = sql
    this.#table = table
    const { columns, key } = table
    const others = columns.filter((column) => column !== key)
    this.#upsert = `
      INSERT INTO ${table.table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
      ON CONFLICT (${key}) DO UPDATE SET ${others.map((column) => `${column} = excluded.${column}`).join(', ')}`
  }

  /** Every row, in no particular order. */
  all(): R[] {
    return [...this.#load().values()]
  }

  find(key: string): R | undefined {
    return this.#load().get(key)
  }

  /** Inserts or replaces a row, in storage and in memory. */
  save(row: R): R {
    const rows = this.#load()
    this.#sql.exec(this.#upsert, ...this.#table.columns.map((column) => row[column]))
    rows.set(row[this.#table.key], row)
    this.#saved.set(row[this.#table.key], row)
    return row
  }

  /** The rows that the present block has saved, each as it is now. */
  savedInBlock(): R[] {
    return [...this.#saved.values()]
  }

  /** The greatest number in a column, or 0. */
  greatest(column: keyof R & string): number {
    return this.all().reduce((greatest, row) => Math.max(greatest, Number(row[column])), 0)
  }

  begin() {
    this.#saved.clear()
  }

  forget() {
    this.#rows = undefined
  }

  #load(): Map<unknown, R> {
    this.#rows ??= new Map<unknown, R>(
      this.#sql
        .exec<R>(`SELECT * FROM ${this.#table.table}`)
        .toArray()
        .map((row) => [row[this.#table.key], row]),
    )
    return this.#rows
  }
}
