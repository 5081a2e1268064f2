import { limits } from '../../src/core/limits'
import type { DurableContext } from './context'
import type { Cache } from './unit-of-work'

/** Where the progress is kept: one text. */
interface Storage {
  read: () => string | undefined
  write: (progress: string) => void
}

interface Progress {
  /** The number up to which the index has taken the changes. */
  seq: number
  /** When the index takes the changes since (epoch milliseconds); null: once there are enough of them. */
  dueAt: number | null
}

/** How far the search index has followed the sequence of its object. */
export class SearchProgress implements Cache {
  readonly #storage: Storage
  #progress: Progress | undefined
  #isAwaited = false

  constructor(storage: Storage) {
    this.#storage = storage
  }

  get seq(): number {
    return this.#load().seq
  }

  get dueAt(): number | null {
    return this.#load().dueAt
  }

  save(progress: Progress) {
    this.#storage.write(JSON.stringify(progress))
    this.#progress = progress
    this.#isAwaited = false
  }

  /** Whether the changes up to a number are to be taken. */
  isDueFor(last: number): boolean {
    return this.dueAt !== null || last - this.seq >= limits.searchChangesDue
  }

  /** The same, but true only once: whoever is told sees to it. */
  becomesDueFor(last: number): boolean {
    const isDue = !this.#isAwaited && last - this.seq >= limits.searchChangesDue
    this.#isAwaited ||= isDue
    return isDue
  }

  /** Has the index take the changes of this block soon: it holds words that are gone. */
  hurry({ now, wakeBy }: Pick<DurableContext, 'now' | 'wakeBy'>) {
    if (this.dueAt !== null) return
    const dueAt = now + limits.searchForgetMs
    this.save({ seq: this.seq, dueAt })
    wakeBy(dueAt)
  }

  forget() {
    this.#progress = undefined
    this.#isAwaited = false
  }

  #load(): Progress {
    const stored = this.#progress === undefined ? this.#storage.read() : undefined
    this.#progress ??= stored === undefined ? { seq: 0, dueAt: null } : JSON.parse(stored)
    return this.#progress ?? { seq: 0, dueAt: null }
  }
}
