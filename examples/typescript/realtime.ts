// One connection at a time, starting from the stored cursor: nothing is missing, and nothing comes twice.
import { Connection, lost, type Socket } from './connection.js'
import type { Ask } from './frames.js'
import { jitter, Pauses } from './pauses.js'
import { isSessionOver, Refused, UnexpectedResponse } from './problem.js'
import { guarded, type OnError, report } from './report.js'
import type { AckFrame, Changes, GroupChangesFrame, ServerFrame, Ticket } from './schema.js'
import type { Store } from './store.js'
import { TimeLimits } from './time-limits.js'
import { defaultTiming, type Timing } from './timing.js'

export type { Ask, ServerFrame, Socket }

/**
 * `offline` until the next automatic attempt; `catchingUp` until everything that was missed is stored; `storeFailed`
 * while the store rejects what came, which is offered to it again after pauses of up to 30 s.
 */
export type ConnectionState = 'connecting' | 'catchingUp' | 'live' | 'offline' | 'storeFailed'

/** What is told of groups. It rejects if the store does; then it is told again. */
export interface GroupFollower {
  apply: (frame: GroupChangesFrame) => Promise<void>
  /** A page was stored. */
  applied: (changes: Changes) => Promise<void>
}

export interface RealtimeOptions {
  /** `https://api.example.com`, without a path. */
  origin: string
  store: Store
  createTicket: (signal: AbortSignal) => Promise<Ticket>
  /**
   * `now` for a client that keeps no copy: a store without a cursor starts with a `reset` and no data, not with a full
   * copy. `History` loads what the screen shows.
   */
  from?: 'now' | undefined
  /** Applies what changed in a group. By default, nothing does. */
  groups?: GroupFollower | undefined
  /** Called for every frame except responses; for `changes` and `groupChanges`, once they are stored. */
  onFrame?: ((frame: ServerFrame) => void) | undefined
  onState?: ((state: ConnectionState) => void) | undefined
  /** Told of what these callbacks throw, and of what the store rejects with. By default, as an uncaught error. */
  onError?: OnError | undefined
  open?: ((url: string) => Socket) | undefined
  timing?: Partial<Timing> | undefined
}

export const sessionEnded = 4401
const tooManyConnections = 4409
const tooManyFrames = 4429
/** Local only: the server never sees it. */
const stopped = 1000

/** A run that has not ended. */
interface Run {
  stopping: AbortController
  code: Promise<number>
}

interface Ended {
  code: number
  retryAfterMs: number
}

export class Realtime {
  readonly #options: RealtimeOptions
  readonly #timing: Timing
  readonly #pauses = new Pauses()
  readonly #limits = new TimeLimits()
  readonly #onState: (state: ConnectionState) => void
  readonly #onFrame: (frame: ServerFrame) => void
  readonly #onError: OnError
  #run: Run | undefined
  #connection: Connection | undefined
  #failures = 0

  constructor(options: RealtimeOptions) {
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#onState = guarded(options.onState, options.onError)
    this.#onFrame = guarded(options.onFrame, options.onError)
    this.#onError = guarded(options.onError ?? report)
  }

  /**
   * Stays connected; resolves to a code after which it must not reconnect by itself: 4401, 4409, or 1000 on `stop`. It
   * never rejects. While it runs, another call returns the same run; after `stop`, the next run begins when the previous
   * one has ended, so that there is one connection at most.
   */
  run(): Promise<number> {
    if (this.#run && !this.#run.stopping.signal.aborted) return this.#run.code
    const stopping = new AbortController()
    const previous = this.#run?.code
    const run: Run = { stopping, code: this.#stayConnected(stopping.signal, previous) }
    this.#run = run
    return run.code.finally(() => {
      if (this.#run === run) this.#run = undefined
    })
  }

  get isRunning() {
    return this.#run !== undefined && !this.#run.stopping.signal.aborted
  }

  /**
   * For when the device is online again, or the app comes to the foreground: retries at once instead of waiting, and gives
   * up within 3 seconds what does not answer, be it a call or a connection that looks open.
   */
  wake() {
    this.#failures = 0
    this.#pauses.skip()
    this.#limits.shorten(this.#timing.wakeMs)
    this.#connection?.check(this.#timing.wakeMs)
  }

  stop() {
    this.#run?.stopping.abort()
    this.#connection?.end(stopped)
    this.#limits.cancel()
    this.#pauses.skip()
  }

  /**
   * Sends a frame, as soon as the server's limit of frames allows; resolves to its `ack`. Throws `Refused` for its `error`.
   * Any other error means that there was no connection, or no response: it may or may not have been carried out.
   */
  async ask(frame: Ask): Promise<AckFrame> {
    if (!this.#connection?.isOpen) throw new Error('There is no connection.')
    return this.#connection.ask(frame)
  }

  async #stayConnected(signal: AbortSignal, previous: Promise<number> | undefined): Promise<number> {
    await previous
    while (!signal.aborted) {
      this.#onState('connecting')
      const { code, retryAfterMs } = await this.#connect(signal).catch((error) => this.#failed(error))
      this.#onState('offline')
      if (signal.aborted) break
      if (code === sessionEnded || code === tooManyConnections) return code
      const extraMs = code === tooManyFrames ? 10_000 : 0
      await this.#pauses.wait(Math.max(retryAfterMs, extraMs + jitter(this.#failures++, this.#timing)))
    }
    return stopped
  }

  #failed(error: unknown): Ended {
    if (isSessionOver(error)) return { code: sessionEnded, retryAfterMs: 0 }
    const isRefused = error instanceof Refused || error instanceof UnexpectedResponse
    return { code: lost, retryAfterMs: isRefused ? error.retryAfterMs : 0 }
  }

  /** Runs one connection to its end. */
  async #connect(signal: AbortSignal): Promise<Ended> {
    const { origin, createTicket, from, open = (url: string) => new WebSocket(url) } = this.#options
    const { ticket } = await this.#limits.run(this.#timing.callMs, createTicket)
    if (typeof ticket !== 'string') throw new Error('The response is no ticket.')
    const cursor = await this.#cursor()
    if (signal.aborted) return { code: stopped, retryAfterMs: 0 }
    const query = new URLSearchParams({ ticket, ...(cursor !== undefined && { cursor }), ...(from && { from }) })
    const code = await this.#follow(open(`${origin.replace(/^http/, 'ws')}/v1/realtime?${query}`))
    return { code, retryAfterMs: 0 }
  }

  async #cursor() {
    try {
      return await this.#options.store.cursor()
    } catch (error) {
      this.#onError(error)
      this.#onState('storeFailed')
      throw error
    }
  }

  #follow(socket: Socket): Promise<number> {
    const { store, groups } = this.#options
    const connection = new Connection({
      socket,
      timing: this.#timing,
      apply: async (changes) => {
        await store.apply(changes)
        await groups?.applied(changes)
      },
      applyGroup: async (frame) => groups?.apply(frame),
      onFrame: this.#onFrame,
      onState: (state) => {
        if (state === 'live') this.#failures = 0
        this.#onState(state)
      },
      onError: this.#onError,
    })
    this.#connection = connection
    return connection.ended
  }
}
