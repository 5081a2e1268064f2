import { expect } from 'vitest'
import { type ClientFrame, ServerFrame } from '../../schemas/realtime'
import { mintId } from '../../src/core/ids'
import { type Caller, call, type Options } from './call'
import { document, schemaErrors } from './check-response'
import { collectFrom } from './log-watch'

type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>
type Request = Exclude<ClientFrame, { type: 'received' }>
type WithoutId<F> = F extends unknown ? Omit<F, 'id'> : never

// A bound for what hangs, not a measure.
const patienceMs = 30_000

async function inTime<T>(awaited: Promise<T>, complaint: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint())), patienceMs)
  })
  return Promise.race([awaited, late]).finally(() => clearTimeout(timer))
}

/** The server's frame, once it is what its schema and the document say, nothing dropped or added. */
function checked(text: string): ServerFrame {
  const frame: unknown = JSON.parse(text)
  expect(ServerFrame.parse(frame)).toStrictEqual(frame)
  expect(schemaErrors(document.components.schemas['ServerFrame'] ?? {}, frame), text).toEqual([])
  return ServerFrame.parse(frame)
}

/** A client of the socket. It stores what comes, and says so unless it is told not to. */
export class TestSocket {
  readonly #ws: WebSocket
  readonly #texts: string[] = []
  readonly #closed: Promise<{ code: number; reason: string }>
  #arrived = () => {}
  #lastId = 0
  /** Everything that was taken so far, in order. */
  readonly taken: ServerFrame[] = []
  /** The last cursor that came. */
  cursor: string | undefined
  receives = true

  constructor(ws: WebSocket) {
    this.#ws = ws
    this.#closed = new Promise((resolve) => {
      ws.addEventListener('close', ({ code, reason }) => {
        resolve({ code, reason })
        // An answer of one's own, as browsers send it.
        ws.close()
      })
    })
    ws.addEventListener('message', ({ data }) => {
      this.#texts.push(String(data))
      this.#arrived()
    })
    ws.accept()
  }

  /** Sends anything, a frame or not. */
  sendRaw(data: string | ArrayBuffer) {
    this.#ws.send(data)
  }

  send(frame: unknown) {
    collectFrom(frame)
    this.sendRaw(JSON.stringify(frame))
  }

  async #nextText(awaited: string): Promise<string> {
    while (this.#texts.length === 0) {
      const arrival = new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
      await inTime(arrival, () => `No ${awaited} came; of late: ${JSON.stringify(this.taken.slice(-3))}`)
    }
    return this.#texts.shift() ?? ''
  }

  /** The next frame, whatever it is. */
  async #take(awaited: string): Promise<ServerFrame> {
    const frame = checked(await this.#nextText(awaited))
    collectFrom(frame)
    this.taken.push(frame)
    if (frame.type === 'changes') this.cursor = frame.changes.cursor
    if (frame.type === 'caughtUp') this.cursor = frame.cursor
    if (frame.type === 'changes' && this.receives) this.send({ type: 'received', cursor: frame.changes.cursor })
    return frame
  }

  /** The next frame of a type, past any others. */
  async next<Type extends ServerFrame['type']>(
    type: Type,
    holds: (frame: Frame<Type>) => boolean = () => true,
  ): Promise<Frame<Type>> {
    const isAwaited = (frame: ServerFrame): frame is Frame<Type> => frame.type === type
    for (;;) {
      const frame = await this.#take(type)
      if (isAwaited(frame) && holds(frame)) return frame
    }
  }

  /** Sends a frame with an id, and gives what answers it. */
  async ask(request: WithoutId<Request>): Promise<Frame<'ack'> | Frame<'error'>> {
    const id = String(++this.#lastId)
    this.send({ ...request, id })
    for (;;) {
      const frame = await this.#take(`answer to ${request.type}`)
      if ((frame.type === 'ack' || frame.type === 'error') && frame.id === id) return frame
    }
  }

  /** Everything that the server has sent by now: frames come in order, so an answer comes after them. */
  async untilNow(): Promise<ServerFrame[]> {
    const from = this.taken.length
    await this.ask({ type: 'typing', chatId: mintId('user', Date.now()) })
    return this.taken.slice(from, -1)
  }

  async ping() {
    this.sendRaw('ping')
    expect(await this.#nextText('pong')).toBe('pong')
  }

  /** How the server closed it. */
  get closed() {
    return inTime(this.#closed, () => 'It was not closed')
  }

  close(code?: number) {
    this.#ws.close(code)
  }
}

interface ConnectOptions {
  cursor?: string | undefined
  ticket?: string
  headers?: Record<string, string>
  env?: Options['env']
}

/** Opens a socket with the access token, or with a ticket in its place. */
export async function open(caller: Caller, { cursor, ticket, headers, env }: ConnectOptions = {}) {
  const answer = await call(
    'connectRealtime',
    { query: { cursor, ticket }, headers: { Upgrade: 'websocket', ...headers } },
    { ...(ticket === undefined && { as: caller }), ...(env && { env }) },
  )
  const { webSocket } = answer.response
  if (answer.status !== 101 || !webSocket) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`)
  return { ...answer, socket: new TestSocket(webSocket) }
}

export const connect = async (caller: Caller, options?: ConnectOptions): Promise<TestSocket> =>
  (await open(caller, options)).socket

/** A socket that has been sent all that there was. */
export async function connectLive(caller: Caller, options?: ConnectOptions): Promise<TestSocket> {
  const socket = await connect(caller, options)
  await socket.next('caughtUp')
  return socket
}
