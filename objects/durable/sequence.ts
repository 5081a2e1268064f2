import type { Cache } from './unit-of-work'

/**
 * Numbers the changes of one object: 1, 2, 3, and so on. Rows that carry a number are never deleted, so the last number
 * is the greatest among them and is stored nowhere else. Each of `sources` returns the greatest number in one table, or
 * 0.
 */
export class Sequence implements Cache {
  readonly #sources: readonly (() => number)[]
  #last: number | undefined

  constructor(sources: readonly (() => number)[]) {
    this.#sources = sources
  }

  /** The number of the last change, or 0 before the first. */
  get last(): number {
    this.#last ??= Math.max(0, ...this.#sources.map((greatest) => greatest()))
    return this.#last
  }

  /** The number of the last change, if it is in memory. */
  get known(): number | undefined {
    return this.#last
  }

  /** Takes the next `count` numbers and returns the first of them. */
  take(count = 1): number {
    const first = this.last + 1
    this.#last = first + count - 1
    return first
  }

  forget() {
    this.#last = undefined
  }
}
