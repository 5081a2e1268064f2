import { type Compare, RowOrder } from './row-order'
import { rowsByPosition } from './rows'
import type { Cache } from './unit-of-work'

type Row = Record<string, SqlStorageValue>

/** The cached table, the column that identifies a row, and all of its columns. */
export interface CachedTable<R extends Row> {
  table: string
  key: keyof R & string
  columns: readonly (keyof R & string)[]
  /** Whether there can be thousands of rows: then single ones are read one by one, until all are asked for. */
  isLarge: boolean
}

/**
 * A cache of the rows of a table, of which each is read once after a wake, or all of them at once. Finding and sorting rows
 * again costs no reads, and the table needs no index. What a block saves is written when it ends: each row once, and of a
 * row that exists only the columns that changed. So within a block, SQL sees the table as it was before. Rows are never
 * deleted.
 */
export class RowCache<R extends Row> implements Cache {
  readonly #sql: SqlStorage
  readonly #table: CachedTable<R>
  readonly #insert: string
  #rows = new Map<unknown, R>()
  /** Whether `#rows` has every row. */
  #isWhole = false
  /** Keys of which it is known that there is no row. */
  readonly #absent = new Set<unknown>()
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

  find(key: R[keyof R & string]): R | undefined {
    return this.#find(key)
  }

  /** Reads the rows with these keys in one statement, as far as they are not known, for later calls of `find`. */
  load(keys: readonly R[keyof R & string][]) {
    const { table, key } = this.#table
    const missing = keys.filter((one) => !this.#isWhole && !this.#rows.has(one) && !this.#absent.has(one))
    if (missing.length === 0) return
    const asked = JSON.stringify(missing)
    this.#take(
      this.#sql.exec<R>(
        `SELECT ${table}.* FROM json_each(?) AS asked CROSS JOIN ${table} ON ${key} = asked.value`,
        asked,
      ),
    )
    for (const one of missing) if (!this.#rows.has(one)) this.#absent.add(one)
  }

  /** Inserts or replaces a row. Only a block can save. */
  save(row: R): R {
    if (!this.#saved) throw new Error(`A row of ${this.#table.table} was saved outside a block`)
    const key = row[this.#table.key]
    if (!this.#saved.has(key)) this.#saved.set(key, this.#staged.get(key) ?? this.#find(key))
    this.#put(row)
    return row
  }

  /** The rows that the present block has saved, each as it is now. */
  savedInBlock(): R[] {
    return [...(this.#saved?.keys() ?? [])].map((key) => this.#rows.get(key)).filter((row) => row !== undefined)
  }

  /** Keys of the rows that the present block has inserted, or changed in one of these columns. */
  protected changedInBlock(columns: readonly (keyof R & string)[]): R[keyof R & string][] {
    const changed: R[keyof R & string][] = []
    for (const [key, before] of this.#saved ?? []) {
      const row = this.#rows.get(key)
      if (row && (!before || columns.some((column) => row[column] !== before[column])))
        changed.push(row[this.#table.key])
    }
    return changed
  }

  /** The greatest number in a column, or 0. */
  greatest(column: keyof R & string): number {
    if (!this.#table.isLarge) this.#load()
    const known = [...this.#rows.values()].reduce((greatest, row) => Math.max(greatest, Number(row[column])), 0)
    if (this.#isWhole) return known
    const stored = this.#sql
      .exec<{ greatest: number | null }>(`SELECT max(${column}) AS greatest FROM ${this.#table.table}`)
      .one().greatest
    return Math.max(known, stored ?? 0)
  }

  begin() {
    this.#saved = new Map()
  }

  flush() {
    for (const [key, before] of this.#saved ?? []) {
      const row = this.#rows.get(key)
      if (row && before) this.#update(row, before)
      else if (row) this.#sql.exec(this.#insert, ...this.#table.columns.map((column) => row[column]))
    }
    for (const [key, stored] of this.#staged) if (!this.#saved?.has(key)) this.#put(stored)
    this.#staged.clear()
    this.#saved = null
  }

  forget() {
    this.#rows = new Map()
    this.#isWhole = false
    this.#absent.clear()
    this.#saved = null
    this.#staged.clear()
    for (const order of this.#orders) order.forget()
  }

  /** Shows the present block a row as it will be. It is written only if the block saves it, and taken back otherwise. */
  protected stage(row: R) {
    const key = row[this.#table.key]
    const stored = this.#find(key)
    if (stored) this.#staged.set(key, stored)
    this.#put(row)
  }

  /** Reads some rows, unless all are known. The cursor selects whole rows. */
  protected read(select: () => SqlStorageCursor<R>) {
    if (!this.#isWhole) this.#take(select())
  }

  /** Whether all rows were read. */
  protected get isWhole(): boolean {
    return this.#isWhole
  }

  /** The rows that were read so far. */
  protected known(): R[] {
    return [...this.#rows.values()]
  }

  #put(row: R) {
    const key = row[this.#table.key]
    for (const order of this.#orders) order.replace(this.#rows.get(key), row)
    this.#rows.set(key, row)
  }

  #find(key: R[keyof R & string]): R | undefined {
    const known = this.#rows.get(key)
    if (known || this.#isWhole || this.#absent.has(key)) return known
    if (!this.#table.isLarge) return this.#load().get(key)
    this.#take(this.#sql.exec<R>(`SELECT * FROM ${this.#table.table} WHERE ${this.#table.key} = ?`, key))
    const found = this.#rows.get(key)
    if (!found) this.#absent.add(key)
    return found
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
    if (this.#isWhole) return this.#rows
    this.#take(this.#sql.exec<R>(`SELECT * FROM ${this.#table.table}`))
    this.#isWhole = true
    this.#absent.clear()
    return this.#rows
  }

  /** Takes rows as they are stored. What is known already can be newer. */
  #take(cursor: SqlStorageCursor<R>) {
    const { key } = this.#table
    for (const row of rowsByPosition(cursor, cursor.columnNames))
      if (!this.#rows.has(row[key])) this.#rows.set(row[key], row)
  }
}
