import type { Chat } from '../../schemas/chat'
import type { Message, OutgoingMessage } from '../../schemas/message'
import type { Problem } from '../../schemas/problem'
import { ServerFrame, type Ticket } from '../../schemas/realtime'
import { mintId } from '../../src/core/ids'
import { call } from '../support/call'
import { ClientState } from '../support/client-state'
import { type Answer, RealtimeClient, type Request } from '../support/realtime-client'
import { note } from './journal'
import { type Device, obtain } from './settle'

// A bound for what hangs, not a measure.
const patienceMs = 10_000
const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms))

/** A device that only uses a WebSocket: its state is built from frames. */
export class Live {
  readonly client: ClientState
  readonly #device: Device
  #socket: RealtimeClient | undefined
  #connections = 0

  constructor(device: Device) {
    this.#device = device
    this.client = new ClientState(device.id)
  }

  get isOpen(): boolean {
    return this.#socket !== undefined
  }

  /** Connects from the client's cursor, alternating between a ticket and the access token. A fault changes nothing. */
  async connect() {
    if (this.#socket) return
    const { cursor } = this.client
    const isByTicket = ++this.#connections % 2 === 0
    const ticket = isByTicket ? (await obtain<Ticket>('createRealtimeTicket', {}, this.#device)).ticket : undefined
    const input = { query: { cursor, ticket }, headers: { Upgrade: 'websocket' } }
    const { status, response } = await call('connectRealtime', input, isByTicket ? {} : { as: this.#device })
    note(this.#device.id, 'connectRealtime', { cursor, isByTicket }, '→', status)
    if (response.webSocket && !this.#socket) this.#listen(response.webSocket)
  }

  disconnect() {
    this.#socket?.close(1000)
    this.#socket = undefined
  }

  /** Drops the connection and the cursor. */
  restart() {
    this.disconnect()
    this.client.forget()
  }

  #listen(ws: WebSocket) {
    const socket = new RealtimeClient(ws, (_, frame) => {
      if (socket === this.#socket) this.#take(socket, ServerFrame.parse(frame))
    })
    socket.closed.then(() => this.#lose(socket))
    this.#socket = socket
    ws.accept()
  }

  #lose(socket: RealtimeClient) {
    if (socket === this.#socket) this.#socket = undefined
  }

  #take(socket: RealtimeClient, frame: ServerFrame) {
    if (frame.type !== 'changes') return
    this.client.apply(frame.changes)
    socket.confirm(frame.changes.cursor)
  }

  /** The answer to a request; undefined if the connection ended first, so that the outcome is unknown. */
  async ask(request: Request): Promise<Answer | undefined> {
    const socket = this.#socket
    if (!socket) return undefined
    const answered = socket.ask(request).catch(() => undefined)
    const answer = await Promise.race([answered, pause(patienceMs)])
    // After this long without an answer, the connection is dead although nothing reported it.
    if (!answer) this.#lose(socket)
    note(this.#device.id, 'asks', request, '→', answer?.type === 'error' ? answer.problem.code : answer?.type)
    return answer
  }

  send(chatId: string, body: OutgoingMessage) {
    return this.#result<Message>({ type: 'sendMessage', chatId, ...body }, 'message')
  }

  markRead(chatId: string, upToMessageId: string) {
    return this.#result<Chat>({ type: 'markRead', chatId, upToMessageId }, 'chat')
  }

  /** An answer in the terms of HTTP; undefined when there is none, or none that says what became of it. */
  async #result<T>(request: Request, member: 'message' | 'chat') {
    const answer = await this.ask(request)
    if (answer?.type === 'ack') return { status: 200, body: Reflect.get(answer, member) as T, isRepeated: false }
    if (!answer || answer.problem.status >= 500) return undefined
    return { status: answer.problem.status, body: answer.problem as Problem & T, isRepeated: false }
  }

  /** Whether the server still answers. */
  async #isAlive(): Promise<boolean> {
    return (await this.ask({ type: 'typing', chatId: mintId('user', Date.now()) })) !== undefined
  }

  /** Waits until everything the server had has come; a dead connection is replaced, a live one must deliver it. */
  async catchUp(cursor: string | undefined) {
    for (let attempt = 1; attempt <= 5; attempt++) {
      await this.connect()
      // Answers come in order, after all changes that fit.
      for (let round = 1; round <= 100 && (await this.#isAlive()); round++) if (this.client.cursor === cursor) return
      if (this.isOpen) throw new Error(`A live socket lags behind: at ${this.client.cursor} of ${cursor}`)
    }
    throw new Error('No socket stays open')
  }
}
