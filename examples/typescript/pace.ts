/** What counts against a limit. */
export interface Cost {
  frames: number
  bytes: number
}

interface InLine {
  cost: Cost
  start: () => void
  refuse: (error: Error) => void
}

/**
 * Keeps a connection under the server's limit of frames. The server counts when a frame arrives, which is some time before
 * its response. So each counts from when it is sent until a window after its response: then no window of the server can
 * hold more than `most`, however the network delays and bunches frames. One pace per connection, as the server counts.
 */
export class Pace {
  readonly #most: Cost
  readonly #windowMs: number
  readonly #line: InLine[] = []
  readonly #timers = new Set<ReturnType<typeof setTimeout>>()
  #frames = 0
  #bytes = 0
  #isClosed = false

  constructor(most: Cost, windowMs: number) {
    this.#most = most
    this.#windowMs = windowMs
  }

  /** Whether a frame would have to wait now. */
  isFull(cost: Cost) {
    return this.#line.length > 0 || !this.#fits(cost)
  }

  /** Nothing if the frame can be sent now, or else resolves, in order, when it can be. */
  enter(cost: Cost): Promise<void> | undefined {
    if (this.isFull(cost)) return new Promise<void>((start, refuse) => this.#line.push({ cost, start, refuse }))
    this.#count(cost, 1)
    return undefined
  }

  /** The response to a frame has come, or will not come. */
  leave(cost: Cost) {
    if (this.#isClosed) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.#count(cost, -1)
      for (let [next] = this.#line; next && this.#fits(next.cost); [next] = this.#line) {
        this.#line.shift()
        this.#count(next.cost, 1)
        next.start()
      }
    }, this.#windowMs)
    this.#timers.add(timer)
  }

  /** Rejects what is still in line. */
  close() {
    this.#isClosed = true
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    for (const { refuse } of this.#line.splice(0)) refuse(new Error('The connection has ended.'))
  }

  #count({ frames, bytes }: Cost, sign: 1 | -1) {
    this.#frames += sign * frames
    this.#bytes += sign * bytes
  }

  /** One that is over the limit by itself goes alone, and is the server's to judge. */
  #fits({ frames, bytes }: Cost) {
    if (this.#frames === 0) return true
    return this.#frames + frames <= this.#most.frames && this.#bytes + bytes <= this.#most.bytes
  }
}
