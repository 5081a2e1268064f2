import { defaultTiming, type Timing } from './timing.js'

/** A random part of a delay that doubles with each attempt, 0, 1, 2, …: clients that drop together come back apart. */
export const jitter = (
  attempt: number,
  { retryMs, retryMaxMs }: Pick<Timing, 'retryMs' | 'retryMaxMs'> = defaultTiming,
) => Math.random() * Math.min(retryMaxMs, retryMs * 2 ** attempt)

/** Waits that can all be cut short at once. */
export class Pauses {
  readonly #waiting = new Set<() => void>()

  /** Resolves after `ms`, or on the next `skip`. */
  wait(ms: number) {
    return new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }

  skip() {
    for (const done of [...this.#waiting]) done()
  }
}
