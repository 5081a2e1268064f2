import type { ClientFrame, ServerFrame } from '../../schemas/realtime'

type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'id'> : never

/** A frame that the server answers. The client adds its id. */
export type Request = WithoutId<Exclude<ClientFrame, { type: 'received' }>>
export type Answer = Extract<ServerFrame, { type: 'ack' | 'error' }>

interface Closed {
  code: number
  reason: string
}

/** `frame` is undefined for a `pong`. */
type OnMessage = (text: string, frame: ServerFrame | undefined) => void

const abnormalClosure = 1006
/** The `readyState` of a connection that can send. */
const open = 1

/** One WebSocket connection, in workerd or in Node. It matches answers to requests; `onMessage` handles the frames. */
export class RealtimeClient {
  /** Resolves when the connection has ended, whichever side ended it. */
  readonly closed: Promise<Closed>
  readonly #ws: WebSocket
  readonly #waiting = new Map<string, PromiseWithResolvers<Answer>>()
  #isClosed = false
  #lastId = 0

  constructor(ws: WebSocket, onMessage: OnMessage) {
    this.#ws = ws
    const { promise, resolve } = Promise.withResolvers<Closed>()
    this.closed = promise
    const end = (closed: Closed) => {
      this.#isClosed = true
      resolve(closed)
      this.#giveUp()
    }
    ws.addEventListener('close', ({ code, reason }) => {
      end({ code, reason })
      // workerd leaves this side of the closing handshake to its caller.
      ws.close()
    })
    ws.addEventListener('error', () => end({ code: abnormalClosure, reason: '' }))
    ws.addEventListener('message', ({ data }) => this.#read(String(data), onMessage))
  }

  get isOpen(): boolean {
    return this.#ws.readyState === open
  }

  /** Sends any data, valid frame or not. */
  sendRaw(data: string | ArrayBuffer) {
    this.#ws.send(data)
  }

  send(frame: unknown) {
    this.sendRaw(JSON.stringify(frame))
  }

  /** Tells the server that everything up to this cursor is stored. */
  confirm(cursor: string) {
    this.send({ type: 'received', cursor })
  }

  /** Sends a request. Resolves to its answer; rejects if the connection ends first. */
  async ask(request: Request): Promise<Answer> {
    if (this.#isClosed) throw new Error('The connection is closed.')
    const id = String(++this.#lastId)
    this.send({ ...request, id })
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting.set(id, waiting)
    return waiting.promise
  }

  /** Starts to close; pending requests are rejected. */
  close(code?: number) {
    this.#ws.close(code)
    this.#giveUp()
  }

  #giveUp() {
    for (const { reject } of this.#waiting.values()) reject(new Error('The connection is closed.'))
    this.#waiting.clear()
  }

  #read(text: string, onMessage: OnMessage) {
    const frame: ServerFrame | undefined = text === 'pong' ? undefined : JSON.parse(text)
    onMessage(text, frame)
    if (frame?.type !== 'ack' && frame?.type !== 'error') return
    this.#waiting.get(frame.id ?? '')?.resolve(frame)
    this.#waiting.delete(frame.id ?? '')
  }
}
