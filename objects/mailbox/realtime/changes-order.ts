/** Rows of several tables in the one order of their changes, each table read only as far as a page gets. */

/** Something that changed, at a number. */
export interface Item<T> {
  seq: number
  /**
   * Called only for items that the page reaches, because more is read for some of them. Null for what is not told: a table
   * was read up to its number in vain, and the page ends there.
   */
  read: (() => T) | null
}

/** The changed rows of one table, in the order of their numbers. */
export type Source<T> = Iterator<Item<T>>

/**
 * Rows of a table, in parts: most pages take items of several tables, and need only the first part of each. Two parts are
 * a page, and the row that says whether there is more. Each part is read to its end, because a cursor that is left before
 * keeps its statement, and the next page has to compile it again.
 */
export function* inParts<Row extends { seq: number }>(
  after: number,
  limit: number,
  read: (after: number, count: number) => Part<Row>,
): Generator<Row> {
  let from = after
  const first = Math.ceil((limit + 1) / 2)
  for (let [count, total] = [first, 0]; ; count = Math.min(total, partRowsMax)) {
    const { rows, isCut } = read(from, count)
    yield* rows
    const last = rows.at(-1)
    if (!last || (rows.length < count && !isCut)) return
    from = last.seq
    total += count
  }
}

/** Some of the next rows. `isCut` if reading stopped before as many as were asked for: there may be more. */
export interface Part<Row> {
  rows: Row[]
  isCut: boolean
}

/** Rows that are read for nothing at most, when a page ends within a part. */
const partRowsMax = 500

/** The items of all sources by their numbers. Those with the same number come in the order of their sources. */
export class ItemsInOrder<T> {
  readonly #sources: { source: Source<T>; head: Item<T> }[] = []

  constructor(sources: readonly Source<T>[]) {
    for (const source of sources) {
      const { value, done } = source.next()
      if (!done) this.#sources.push({ source, head: value })
    }
  }

  /** The next item, which stays the next; undefined at the end. */
  peek(): Item<T> | undefined {
    return this.#least()?.head
  }

  /** Goes on to the item after the next. */
  skip() {
    const least = this.#least()
    if (!least) return
    const { value, done } = least.source.next()
    if (done) this.#sources.splice(this.#sources.indexOf(least), 1)
    else least.head = value
  }

  #least() {
    let [least] = this.#sources
    for (const one of this.#sources) if (least && one.head.seq < least.head.seq) least = one
    return least
  }
}
