// One connection at a time, starting from the stored cursor: nothing is missing, and nothing comes twice.
import { jitter, Pauses } from './pauses'
import { Refused } from './problem'
import type {
  AckFrame,
  ChangesFrame,
  ErrorFrame,
  MarkReadFrame,
  SendMessageFrame,
  SendTypingFrame,
  ServerFrame,
  Ticket,
  WatchPresenceFrame,
} from './schema'
import type { Store } from './store'

export type { ServerFrame }

type Asked = SendMessageFrame | MarkReadFrame | SendTypingFrame | WatchPresenceFrame
type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'id'> : never
export type Ask = WithoutId<Asked>

/** `offline` until the next automatic attempt; `catchingUp` until everything that was missed has arrived. */
export type ConnectionState = 'connecting' | 'catchingUp' | 'live' | 'offline'

/** The part of a WebSocket that is used. */
export type Socket = Pick<WebSocket, 'readyState' | 'send' | 'close' | 'addEventListener'>

export interface RealtimeOptions {
  origin: string
  store: Store
  createTicket: () => Promise<Ticket>
  /** Called for every frame except responses; for changes, once they are stored. */
  onFrame?: (frame: ServerFrame) => void
  onState?: (state: ConnectionState) => void
  open?: (url: string) => Socket
}

const pulseMs = 30_000
export const sessionEnded = 4401
const tooManyConnections = 4409
const tooManyFrames = 4429
const lost = 1006
/** Local only: the server never sees it. */
const stopped = 1000

interface Waiting {
  resolve: (ack: AckFrame) => void
  reject: (error: Error) => void
}

export class Realtime {
  readonly #options: RealtimeOptions
  readonly #asked = new Map<string, Waiting>()
  readonly #pauses = new Pauses()
  #socket: Socket | undefined
  #end: (code: number) => void = () => {}
  #isStopped = false
  #failures = 0
  #lastId = 0

  constructor(options: RealtimeOptions) {
    this.#options = options
  }

  /** Stays connected; resolves to a code after which it must not reconnect by itself: 4401, 4409, or 1000 on `stop`. */
  async run(): Promise<number> {
    this.#isStopped = false
    for (;;) {
      this.#show('connecting')
      const code = await this.#connect().catch((error) => (isSessionOver(error) ? sessionEnded : lost))
      this.#show('offline')
      if (this.#isStopped) return stopped
      if (code === sessionEnded || code === tooManyConnections) return code
      await this.#pauses.wait((code === tooManyFrames ? 10_000 : 0) + jitter(this.#failures++))
    }
  }

  /** Retries at once instead of waiting: the device is online again, or the app came to the foreground. */
  wake() {
    this.#pauses.skip()
  }

  stop() {
    this.#isStopped = true
    this.#end(stopped)
    this.#pauses.skip()
  }

  /** Sends a frame; resolves to its `ack`. Throws `Refused` for its `error`; otherwise it may or may not have run. */
  ask(frame: Ask): Promise<AckFrame> {
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) return reject(new Error('There is no connection.'))
      const id = String(++this.#lastId)
      this.#asked.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ ...frame, id }))
    })
  }

  #show(state: ConnectionState) {
    this.#options.onState?.(state)
  }

  /** Runs one connection; resolves to the code that it closed with. */
  async #connect(): Promise<number> {
    const { origin, store, createTicket, open = (url: string) => new WebSocket(url) } = this.#options
    const [{ ticket }, cursor] = [await createTicket(), await store.cursor()]
    if (this.#isStopped) return stopped
    const query = new URLSearchParams({ ticket, ...(cursor !== undefined && { cursor }) })
    return this.#follow(open(`${origin.replace(/^http/, 'ws')}/v1/realtime?${query}`))
  }

  #follow(socket: Socket): Promise<number> {
    this.#socket = socket
    return new Promise((resolve) => {
      const listening = new AbortController()
      let stored = Promise.resolve()
      let isHeard = false

      const end = (code: number) => {
        if (listening.signal.aborted) return
        listening.abort()
        clearInterval(pulse)
        socket.close()
        this.#forgetAsked()
        // The next connection continues from what this one has stored.
        stored.catch(() => {}).then(() => resolve(code))
      }
      const pulse = setInterval(() => {
        // The `close` event of a dead connection can take minutes.
        if (!isHeard) return end(lost)
        isHeard = false
        socket.send('ping')
      }, pulseMs)
      const apply = ({ changes }: ChangesFrame) => {
        // In order: if a page cannot be stored, the pages after it are not stored either.
        stored = stored.then(() => this.#options.store.apply(changes))
        return stored.then(() => socket.send(JSON.stringify({ type: 'received', cursor: changes.cursor })))
      }

      this.#end = end
      socket.addEventListener('open', () => this.#show('catchingUp'), { signal: listening.signal })
      socket.addEventListener('close', ({ code }) => end(code), { signal: listening.signal })
      socket.addEventListener(
        'message',
        ({ data }) => {
          isHeard = true
          if (data === 'pong') return
          const frame: ServerFrame = JSON.parse(String(data))
          if (frame.type === 'changes')
            apply(frame).then(
              () => this.#options.onFrame?.(frame),
              () => end(lost),
            )
          else this.#take(frame)
        },
        { signal: listening.signal },
      )
    })
  }

  #take(frame: Exclude<ServerFrame, ChangesFrame>) {
    if (frame.type === 'ack' || frame.type === 'error') return this.#settle(frame)
    if (frame.type === 'caughtUp') {
      this.#failures = 0
      this.#show('live')
    }
    this.#options.onFrame?.(frame)
  }

  #settle(frame: AckFrame | ErrorFrame) {
    const waiting = this.#asked.get(frame.id ?? '')
    this.#asked.delete(frame.id ?? '')
    if (frame.type === 'ack') waiting?.resolve(frame)
    else waiting?.reject(new Refused(frame.problem, frame.retryAfterSeconds))
  }

  #forgetAsked() {
    for (const { reject } of this.#asked.values()) reject(new Error('The connection has ended.'))
    this.#asked.clear()
  }
}

const isSessionOver = (error: unknown) => error instanceof Refused && error.problem.status === 401
