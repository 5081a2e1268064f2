// One WebSocket, from its opening to its end. A page is stored before it is acknowledged, and pages are stored in order: if
// one cannot be, the ones after it are not either.
import { type Ask, parseFrame, Unanswered } from './frames.js'
import { Heartbeat } from './heartbeat.js'
import { type Cost, Pace } from './pace.js'
import { jitter, Pauses } from './pauses.js'
import type { AckFrame, Changes, GroupChangesFrame, ServerFrame } from './schema.js'
import { TimeLimits } from './time-limits.js'
import type { Timing } from './timing.js'

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'readyState' | 'send' | 'close' | 'addEventListener'>

export interface ConnectionOptions {
  socket: Socket
  timing: Timing
  /** Stores a page. If it rejects, it is called again with the same page, after a pause. */
  apply: (changes: Changes) => Promise<void>
  /** The same for what changed in a group. */
  applyGroup: (frame: GroupChangesFrame) => Promise<void>
  onFrame: (frame: ServerFrame) => void
  /** `live` once everything that was missed is stored. `storeFailed` for as long as a page cannot be stored. */
  onState: (state: 'catchingUp' | 'live' | 'storeFailed') => void
  onError: (error: unknown) => void
}

/** The connection broke off, or was given up: not a code that a server sends. */
export const lost = 1006

/** The `readyState` of a connection that can send. */
const open = 1

/** Below the server's 100 frames and 2 MiB in 10 s: `received` frames come on top of what is paced. */
const most: Cost = { frames: 90, bytes: 1_500_000 }
const windowMs = 10_100
const encoder = new TextEncoder()

const costOf = (frame: Ask): Cost => ({
  frames: 1 + (frame.type === 'presence' ? Math.floor(frame.userIds.length / 10) : 0),
  bytes: encoder.encode(JSON.stringify(frame)).byteLength,
})

export class Connection {
  /** Resolves to the code that it closed with, once nothing is being stored any more: then a next one can follow. */
  readonly ended: Promise<number>
  readonly #options: ConnectionOptions
  readonly #listening = new AbortController()
  readonly #heartbeat: Heartbeat
  readonly #pace = new Pace(most, windowMs)
  readonly #limits = new TimeLimits()
  readonly #pauses = new Pauses()
  readonly #unanswered = new Unanswered()
  #resolveEnded: (code: number) => void = () => {}
  #stored: Promise<void> = Promise.resolve()
  #isCaughtUp = false
  /** A page was given up: the ones that came after it must not be stored. */
  #hasGap = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { socket, timing, onState } = options
    const { signal } = this.#listening
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.#heartbeat = new Heartbeat({
      pulseMs: timing.pulseMs,
      ping: () => this.isOpen && socket.send('ping'),
      onDead: () => this.end(lost),
    })
    this.#heartbeat.expect(timing.callMs)
    const opened = () => {
      this.#heartbeat.heard()
      onState('catchingUp')
    }
    socket.addEventListener('open', opened, { signal })
    socket.addEventListener('close', ({ code }) => this.end(code), { signal })
    socket.addEventListener('message', ({ data }) => this.#take(data), { signal })
  }

  get isOpen() {
    return !this.#isEnded && this.#options.socket.readyState === open
  }

  get #isEnded() {
    return this.#listening.signal.aborted
  }

  /** Pings; ends the connection if nothing comes within `ms`. */
  check(ms: number) {
    if (this.#isEnded) return
    this.#heartbeat.check(ms)
    this.#limits.shorten(ms)
    this.#pauses.skip()
  }

  /** Sends a frame as soon as the limit of frames allows; see `Realtime.ask`. */
  async ask(frame: Ask): Promise<AckFrame> {
    if (!this.isOpen) throw new Error('There is no connection.')
    const cost = costOf(frame)
    if (frame.type === 'typing' && this.#pace.isFull(cost)) throw new Error('It would come too late.')
    const turn = this.#pace.enter(cost)
    if (turn) await turn
    try {
      return await this.#limits.run(this.#options.timing.callMs, () => this.#send(frame))
    } finally {
      this.#pace.leave(cost)
    }
  }

  async #send(frame: Ask): Promise<AckFrame> {
    if (!this.isOpen) throw new Error('There is no connection.')
    const { id, response } = this.#unanswered.add()
    this.#options.socket.send(JSON.stringify({ ...frame, id }))
    return response
  }

  end(code: number) {
    if (this.#isEnded) return
    this.#listening.abort()
    this.#heartbeat.stop()
    this.#options.socket.close()
    this.#pace.close()
    this.#pauses.skip()
    this.#unanswered.forget()
    this.#stored.then(() => this.#resolveEnded(code))
  }

  #take(data: unknown) {
    this.#heartbeat.heard()
    if (data === 'pong') return
    const frame = parseFrame(data)
    if (!frame) return this.end(lost)
    if (frame.type === 'ack' || frame.type === 'error') this.#unanswered.settle(frame)
    else if (frame.type === 'changes') this.#stored = this.#stored.then(() => this.#store(frame.changes, frame))
    else if (frame.type === 'groupChanges') this.#stored = this.#stored.then(() => this.#storeGroup(frame))
    else if (frame.type === 'caughtUp') this.#stored = this.#stored.then(() => this.#catchUp(frame))
    else this.#options.onFrame(frame)
  }

  #catchUp(frame: ServerFrame) {
    if (this.#isEnded || this.#hasGap) return
    this.#isCaughtUp = true
    this.#options.onState('live')
    this.#options.onFrame(frame)
  }

  async #store(changes: Changes, frame: ServerFrame) {
    const { apply } = this.#options
    if (this.#hasGap || !(await this.#untilApplied(() => apply(changes)))) {
      this.#hasGap = true
      return
    }
    if (this.isOpen) this.#options.socket.send(JSON.stringify({ type: 'received', cursor: changes.cursor }))
    this.#options.onFrame(frame)
  }

  /** In its place among the pages, because a group that is left comes with one. A frame that is lost leaves no gap. */
  async #storeGroup(frame: GroupChangesFrame) {
    const { applyGroup, onFrame } = this.#options
    if (this.#hasGap || !(await this.#untilApplied(() => applyGroup(frame)))) return
    onFrame(frame)
  }

  /** Whether it was applied before the connection ended. The server waits meanwhile: it sends two pages ahead. */
  async #untilApplied(apply: () => Promise<void>): Promise<boolean> {
    const { onError, onState, timing } = this.#options
    for (let failures = 0; ; failures++) {
      try {
        await apply()
        if (failures > 0 && !this.#isEnded) onState(this.#isCaughtUp ? 'live' : 'catchingUp')
        return true
      } catch (error) {
        onError(error)
      }
      if (this.#isEnded) return false
      onState('storeFailed')
      await this.#pauses.wait(jitter(failures, timing))
      if (this.#isEnded) return false
    }
  }
}
