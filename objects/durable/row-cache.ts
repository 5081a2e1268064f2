import { type Compare, RowOrder } from './row-order'
import { rowsByPosition } from './rows'
import type { Cache } from './unit-of-work'

type Row = Record<string, SqlStorageValue>

/** The cached table, the column that identifies a row, and all of its columns. */
export interface CachedTable<R extends Row> {
  table: string
  key: keyof R & string
  columns: readonly (keyof R & string)[]
}

/**
 * A cache of all rows of a small table, read once after each wake. Finding and sorting rows costs no reads, and the table
 * needs no index. What a block saves is written when it ends: each row once, and of a row that exists only the columns
 * that changed. So within a block, SQL sees the table as it was before. Rows are never deleted.
 */
export class RowCache<R extends Row> implements Cache {
  readonly #sql: SqlStorage
  readonly #table: CachedTable<R>
  readonly #insert: string
  #rows: Map<unknown, R> | undefined
  /** What the present block has saved, each with the row as it is in storage; null between blocks. */
  #saved: Map<unknown, R | undefined> | null = null
  /** Rows that the present block sees as they are not in storage yet, each as it is there. */
  readonly #staged = new Map<unknown, R>()
  readonly #orders: RowOrder<R>[] = []

  constructor(sql: SqlStorage, table: CachedTable<R>) {
    this.#sql = sql
    this.#table = table
    const { columns } = table
    this.#insert = `INSERT INTO ${table.table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`
  }

  /** Every row, in no particular order. */
  all(): R[] {
    return [...this.#load().values()]
  }

  /** All rows in an order, kept as rows are saved. For the constructor of a subclass. */
  protected order(compare: Compare<R>): RowOrder<R> {
    const order = new RowOrder(() => this.#load().values(), compare)
    this.#orders.push(order)
    return order
  }

  find(key: string): R | undefined {
    return this.#load().get(key)
  }

  /** Inserts or replaces a row. Only a block can save. */
  save(row: R): R {
    if (!this.#saved) throw new Error(`A row of ${this.#table.table} was saved outside a block`)
    const rows = this.#load()
    const key = row[this.#table.key]
    if (!this.#saved.has(key)) this.#saved.set(key, this.#staged.get(key) ?? rows.get(key))
    this.#put(row)
    return row
  }

  /** The rows that the present block has saved, each as it is now. */
  savedInBlock(): R[] {
    const rows = this.#load()
    return [...(this.#saved?.keys() ?? [])].map((key) => rows.get(key)).filter((row) => row !== undefined)
  }

  /** The greatest number in a column, or 0. */
  greatest(column: keyof R & string): number {
    return this.all().reduce((greatest, row) => Math.max(greatest, Number(row[column])), 0)
  }

  begin() {
    this.#saved = new Map()
  }

  flush() {
    const rows = this.#load()
    for (const [key, before] of this.#saved ?? []) {
      const row = rows.get(key)
      if (row && before) this.#update(row, before)
      else if (row) this.#sql.exec(this.#insert, ...this.#table.columns.map((column) => row[column]))
    }
    for (const [key, stored] of this.#staged) if (!this.#saved?.has(key)) this.#put(stored)
    this.#staged.clear()
    this.#saved = null
  }

  forget() {
    this.#rows = undefined
    this.#saved = null
    this.#staged.clear()
    for (const order of this.#orders) order.forget()
  }

  /** Shows the present block a row as it will be. It is written only if the block saves it, and taken back otherwise. */
  protected stage(row: R) {
    const key = row[this.#table.key]
    const stored = this.#load().get(key)
    if (stored) this.#staged.set(key, stored)
    this.#put(row)
  }

  #put(row: R) {
    const rows = this.#load()
    const key = row[this.#table.key]
    for (const order of this.#orders) order.replace(rows.get(key), row)
    rows.set(key, row)
  }

  #update(row: R, before: R) {
    const { table, key, columns } = this.#table
    const changed = columns.filter((column) => row[column] !== before[column])
    if (changed.length === 0) return
    this.#sql.exec(
      `UPDATE ${table} SET ${changed.map((column) => `${column} = ?`).join(', ')} WHERE ${key} = ?`,
      ...changed.map((column) => row[column]),
      row[key],
    )
  }

  #load(): Map<unknown, R> {
    if (this.#rows) return this.#rows
    const { table, key } = this.#table
    this.#rows = new Map()
    const cursor = this.#sql.exec<R>(`SELECT * FROM ${table}`)
    for (const row of rowsByPosition(cursor, cursor.columnNames)) this.#rows.set(row[key], row)
    return this.#rows
  }
}
