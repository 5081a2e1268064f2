import { expect } from 'vitest'
import { ServerFrame } from '../../schemas/realtime'
import { mintId } from '../../src/core/ids'
import { type Caller, call, type Options } from './call'
import { document, schemaErrors } from './check-response'
import { collectFrom } from './log-watch'
import { type Answer, RealtimeClient, type Request } from './realtime-client'

type Frame<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>

// A generous limit that only catches hangs.
const patienceMs = 30_000

async function inTime<T>(awaited: Promise<T>, complaint: () => string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint())), patienceMs)
  })
  return Promise.race([awaited, late]).finally(() => clearTimeout(timer))
}

/** Parses a server frame and checks that it matches its schema and the document exactly. */
function checked(text: string): ServerFrame {
  const frame: unknown = JSON.parse(text)
  expect(ServerFrame.parse(frame)).toStrictEqual(frame)
  expect(schemaErrors(document.components.schemas['ServerFrame'] ?? {}, frame), text).toEqual([])
  return ServerFrame.parse(frame)
}

/** A client that a test reads frame by frame. It confirms each page as the test takes it, unless `receives` is false. */
export class TestSocket {
  readonly #client: RealtimeClient
  readonly #texts: string[] = []
  #arrived = () => {}
  /** All frames taken so far, in order. */
  readonly taken: ServerFrame[] = []
  /** The cursor of the last frame that had one. */
  cursor: string | undefined
  receives = true

  constructor(ws: WebSocket) {
    this.#client = new RealtimeClient(ws, (text) => {
      this.#texts.push(text)
      this.#arrived()
    })
    ws.accept()
  }

  /** Sends any data, valid frame or not. */
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

  #complaint = (awaited: string) =>
    `No ${awaited} arrived; the last frames were ${JSON.stringify(this.taken.slice(-3))}`

  /** Takes the next frame of any type. */
  async #take(awaited: string): Promise<ServerFrame> {
    const frame = checked(await this.#nextText(awaited))
    collectFrom(frame)
    this.taken.push(frame)
    if (frame.type === 'changes') this.cursor = frame.changes.cursor
    if (frame.type === 'caughtUp') this.cursor = frame.cursor
    if (frame.type === 'changes' && this.receives) this.#client.confirm(frame.changes.cursor)
    return frame
  }

  /** Takes frames until one of the given type. */
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

  /** Sends a request and takes all frames up to its answer. */
  async ask(request: Request): Promise<Answer> {
    collectFrom(request)
    const awaited = `answer to ${request.type}`
    const { id } = await inTime(this.#client.ask(request), () => this.#complaint(awaited))
    for (;;) {
      const frame = await this.#take(awaited)
      if ((frame.type === 'ack' || frame.type === 'error') && frame.id === id) return frame
    }
  }

  /** Takes everything sent so far. Frames arrive in order, so the answer to a request comes after them. */
  async untilNow(): Promise<ServerFrame[]> {
    const from = this.taken.length
    await this.ask({ type: 'typing', chatId: mintId('user', Date.now()) })
    return this.taken.slice(from, -1)
  }

  async ping() {
    this.sendRaw('ping')
    expect(await this.#nextText('pong')).toBe('pong')
  }

  /** The close code and reason. */
  get closed() {
    return inTime(this.#client.closed, () => 'The connection was not closed')
  }

  close(code?: number) {
    this.#client.close(code)
  }
}

interface ConnectOptions {
  cursor?: string | undefined
  from?: 'now'
  ticket?: string
  headers?: Record<string, string>
  env?: Options['env']
}

/** Opens a socket with the access token, or with a ticket instead. */
export async function open(caller: Caller, { cursor, from, ticket, headers, env }: ConnectOptions = {}) {
  const answer = await call(
    'connectRealtime',
    { query: { cursor, from, ticket }, headers: { Upgrade: 'websocket', ...headers } },
    { ...(ticket === undefined && { as: caller }), ...(env && { env }) },
  )
  const { webSocket } = answer.response
  if (answer.status !== 101 || !webSocket) throw new Error(`${answer.status}: ${JSON.stringify(answer.body)}`)
  return { ...answer, socket: new TestSocket(webSocket) }
}

export const connect = async (caller: Caller, options?: ConnectOptions): Promise<TestSocket> =>
  (await open(caller, options)).socket

/** Opens a socket and waits until it has caught up. */
export async function connectLive(caller: Caller, options?: ConnectOptions): Promise<TestSocket> {
  const socket = await connect(caller, options)
  await socket.next('caughtUp')
  return socket
}
