/** A random part of a delay that doubles with each attempt, up to 30 s: clients that drop together come back apart. */
export const jitter = (attempt: number) => Math.random() * Math.min(30_000, 1_000 * 2 ** attempt)

/** Waits that can all be cut short at once. */
export class Pauses {
  readonly #waiting = new Set<() => void>()

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
