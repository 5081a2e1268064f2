export interface HeartbeatOptions {
  pulseMs: number
  ping: () => void
  onDead: () => void
}

/** Notices a dead connection, whose `close` event can take minutes: it pings, and something has to come back. */
export class Heartbeat {
  readonly #options: HeartbeatOptions
  readonly #pulse: ReturnType<typeof setInterval>
  #deadline: ReturnType<typeof setTimeout> | undefined
  /** When the deadline is, on the clock of `performance`. */
  #dueAt = Number.POSITIVE_INFINITY

  constructor(options: HeartbeatOptions) {
    this.#options = options
    this.#pulse = setInterval(() => this.check(options.pulseMs), options.pulseMs)
  }

  /** Pings; the connection is dead if nothing comes within `ms`, or within what an earlier call has left it. */
  check(ms: number) {
    this.#options.ping()
    this.expect(ms)
  }

  /** Like `check`, without a ping. */
  expect(ms: number) {
    const dueAt = performance.now() + ms
    if (dueAt >= this.#dueAt) return
    clearTimeout(this.#deadline)
    this.#dueAt = dueAt
    this.#deadline = setTimeout(() => this.#options.onDead(), ms)
  }

  /** Something has come. */
  heard() {
    clearTimeout(this.#deadline)
    this.#dueAt = Number.POSITIVE_INFINITY
  }

  stop() {
    clearInterval(this.#pulse)
    clearTimeout(this.#deadline)
  }
}
