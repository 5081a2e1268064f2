import { expect } from 'vitest'
import { ServerFrame } from '../../schemas/realtime'
import { mintId } from '../../src/core/ids'
import { type Caller, call, type Options } from './call'
import { document, schemaErrors } from './check-response'
import { collectFrom } from './log-watch'
import { type Answer, RealtimeClient, type Request } from './realtime-client'

type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>

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

/** A client of the socket that a test reads frame by frame. It confirms each page that is taken, unless it is told not to. */
export class TestSocket {
  readonly #client: RealtimeClient
  readonly #texts: string[] = []
  #arrived = () => {}
  /** Everything that was taken so far, in order. */
  readonly taken: ServerFrame[] = []
  /** The last cursor that came. */
  cursor: string | undefined
  receives = true

  constructor(ws: WebSocket) {
    this.#client = new RealtimeClient(ws, (text) => {
      this.#texts.push(text)
      this.#arrived()
    })
    ws.accept()
  }

  /** Sends anything, a frame or not. */
  sendRaw(data: string | ArrayBuffer) {
    this.#client.sendRaw(data)
  }

  send(frame: unknown) {
    collectFrom(frame)
    this.#client.send(frame)
  }

  async #nextText(awaited: string): Promise<string> {
    while (this.#texts.length === 0) {
      const arrival = new Promise<void>((resolve) => {
        this.#arrived = resolve
      })
      await inTime(arrival, () => this.#complaint(awaited))
    }
    return this.#texts.shift() ?? ''
  }

  #complaint = (awaited: string) => `No ${awaited} came; of late: ${JSON.stringify(this.taken.slice(-3))}`

  /** The next frame, whatever it is. */
  async #take(awaited: string): Promise<ServerFrame> {
    const frame = checked(await this.#nextText(awaited))
    collectFrom(frame)
    this.taken.push(frame)
    if (frame.type === 'changes') this.cursor = frame.changes.cursor
    if (frame.type === 'caughtUp') this.cursor = frame.cursor
    if (frame.type === 'changes' && this.receives) this.#client.confirm(frame.changes.cursor)
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

  /** Sends a request, and takes all frames up to its answer. */
  async ask(request: Request): Promise<Answer> {
    collectFrom(request)
    const awaited = `answer to ${request.type}`
    const { id } = await inTime(this.#client.ask(request), () => this.#complaint(awaited))
    for (;;) {
      const frame = await this.#take(awaited)
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
    return inTime(this.#client.closed, () => 'It was not closed')
  }

  close(code?: number) {
    this.#client.close(code)
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
