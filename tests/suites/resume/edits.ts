import { setTimeout as sleep } from 'node:timers/promises'

export const editsPerSecond = 100

/** Edits messages all the time, at a pace that the clock gives; what is late is left out, not made up for. */
export class Edits {
  count = 0
  #authors
  #isOver = false
  #running
  #slot = 0
  #startedAt = 0
  #waiting = []

  constructor(authors) {
    this.#authors = authors
  }

  start() {
    this.#startedAt = performance.now()
    this.#running = Promise.all(this.#authors.map((author) => this.#run(author)))
    // Those who wait for edits hear of a failure, too.
    this.#running.catch((error) => this.#waiting.splice(0).map(({ reject }) => reject(error)))
  }

  /** Resolves to the rate that was reached. Nobody waits for more, then. */
  async stop() {
    this.#isOver = true
    await this.#running
    for (const { resolve } of this.#waiting.splice(0)) resolve()
    return this.count / ((performance.now() - this.#startedAt) / 1_000)
  }

  /** Resolves once that many more were acknowledged. */
  more(count) {
    const { promise, resolve, reject } = Promise.withResolvers()
    if (this.#isOver) resolve()
    this.#waiting.push({ at: this.count + count, resolve, reject })
    return promise
  }

  async #run(author) {
    while (!this.#isOver) {
      this.#slot = Math.max(this.#slot + 1_000 / editsPerSecond, performance.now())
      await sleep(Math.max(0, this.#slot - performance.now()))
      await author.edit()
      this.count++
      const isReached = ({ at }) => at <= this.count
      for (const { resolve } of this.#waiting.filter(isReached)) resolve()
      this.#waiting = this.#waiting.filter((waiting) => !isReached(waiting))
    }
  }
}
