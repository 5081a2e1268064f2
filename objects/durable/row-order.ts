/** The order of two rows: negative if the first comes first. No two rows are equal. */
export type Compare<R> = (a: R, b: R) => number

/**
 * Rows in an order, which stays right as rows are replaced. The rows from a place on are found without looking at the
 * others, however many there are.
 */
export class RowOrder<R> {
  readonly #all: () => Iterable<R>
  readonly #compare: Compare<R>
  #rows: R[] | undefined

  /** `all` is asked when the order is first needed. */
  constructor(all: () => Iterable<R>, compare: Compare<R>) {
    this.#all = all
    this.#compare = compare
  }

  /** The rows in order, from the first for which `isBefore` is false. Rows for which it is true must come first. */
  *from(isBefore: (row: R) => boolean): Generator<R> {
    const rows = this.#load()
    for (let at = firstIndex(rows, isBefore); at < rows.length; at++) yield rows[at] as R
  }

  /** Puts a row in its place, and takes away the one that it replaces. */
  replace(before: R | undefined, row: R) {
    if (!this.#rows) return
    if (before) this.#rows.splice(this.#indexOf(before), 1)
    this.#rows.splice(this.#indexOf(row), 0, row)
  }

  forget() {
    this.#rows = undefined
  }

  #indexOf = (row: R) => firstIndex(this.#load(), (other) => this.#compare(other, row) < 0)

  #load(): R[] {
    this.#rows ??= [...this.#all()].sort(this.#compare)
    return this.#rows
  }
}

/** The index of the first row for which `isBefore` is false, by halving. */
function firstIndex<R>(rows: readonly R[], isBefore: (row: R) => boolean): number {
  let [low, high] = [0, rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(rows[middle] as R)) low = middle + 1
    else high = middle
  }
  return low
}
