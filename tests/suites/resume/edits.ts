import { setTimeout as sleep } from 'node:timers/promises'
import type { Author } from './author.ts'

export const editsPerSecond = 100

interface Waiting extends PromiseWithResolvers<void> {
  /** The number of edits to wait for. */
  at: number
}

/** Edits messages continuously at a fixed rate. It skips edits that are late instead of catching up. */
export class Edits {
  count = 0
  readonly #authors: Author[]
  #isOver = false
  #running: Promise<unknown> = Promise.resolve()
  #slot = 0
  #startedAt = 0
  #waiting: Waiting[] = []

  constructor(authors: Author[]) {
    this.#authors = authors
  }

  start() {
    this.#startedAt = performance.now()
    this.#running = Promise.all(this.#authors.map((author) => this.#run(author)))
    // A failure also rejects whoever waits for edits.
    this.#running.catch((error) => this.#waiting.splice(0).map(({ reject }) => reject(error)))
  }

  /** Stops, releases whoever still waits, and resolves to the achieved rate. */
  async stop(): Promise<number> {
    this.#isOver = true
    await this.#running
    for (const { resolve } of this.#waiting.splice(0)) resolve()
    return this.count / ((performance.now() - this.#startedAt) / 1_000)
  }

  /** Resolves once that many more edits are acknowledged. */
  more(count: number): Promise<void> {
    const waiting = { at: this.count + count, ...Promise.withResolvers<void>() }
    if (this.#isOver) waiting.resolve()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  async #run(author: Author) {
    while (!this.#isOver) {
      this.#slot = Math.max(this.#slot + 1_000 / editsPerSecond, performance.now())
      await sleep(Math.max(0, this.#slot - performance.now()))
      await author.edit()
      this.count++
      const isReached = ({ at }: Waiting) => at <= this.count
      for (const { resolve } of this.#waiting.filter(isReached)) resolve()
      this.#waiting = this.#waiting.filter((waiting) => !isReached(waiting))
    }
  }
}
