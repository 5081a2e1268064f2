import type { Chat } from '../../schemas/chat'
import type { Message, NewMessage } from '../../schemas/message'
import type { Problem } from '../../schemas/problem'
import { type ClientFrame, ServerFrame, type Ticket } from '../../schemas/realtime'
import { mintId } from '../../src/core/ids'
import { call } from '../support/call'
import { Client } from './client'
import { note } from './journal'
import { type Device, obtain } from './settle'

type Asked = Exclude<ClientFrame, { type: 'received' }>
type WithoutId<F> = F extends unknown ? Omit<F, 'id'> : never
type Answer = Extract<ServerFrame, { type: 'ack' | 'error' }>

// Catches what hangs; not a measure of speed.
const patienceMs = 10_000
const pause = (ms: number) => new Promise<undefined>((resolve) => setTimeout(resolve, ms))

/** A device with a socket and nothing else: everything its client holds came in frames. */
export class Live {
  readonly client: Client
  readonly #device: Device
  readonly #asked = new Map<string, (answer: Answer | undefined) => void>()
  #ws: WebSocket | undefined
  #lastId = 0
  #connections = 0

  constructor(device: Device) {
    this.#device = device
    // Pages come on their own.
    this.client = new Client(device.id, () => Promise.reject(new Error('It has only a socket')))
  }

  get isOpen(): boolean {
    return this.#ws !== undefined
  }

  /** Connects from the client's cursor, alternating between ticket and access token; a failure leaves it as it was. */
  async connect() {
    if (this.#ws) return
    const { cursor } = this.client
    const isByTicket = ++this.#connections % 2 === 0
    const ticket = isByTicket ? (await obtain<Ticket>('createRealtimeTicket', {}, this.#device)).ticket : undefined
    const input = { query: { cursor, ticket }, headers: { Upgrade: 'websocket' } }
    const { status, response } = await call('connectRealtime', input, isByTicket ? {} : { as: this.#device })
    note(this.#device.id, 'connectRealtime', { cursor, isByTicket }, '→', status)
    if (response.webSocket && !this.#ws) this.#listen(response.webSocket)
  }

  disconnect() {
    this.#ws?.close(1000)
    this.#lose(this.#ws)
  }

  /** Loses the cursor, and with it the right to what it holds. */
  restart() {
    this.disconnect()
    this.client.forget()
  }

  #listen(ws: WebSocket) {
    this.#ws = ws
    const lose = () => this.#lose(ws)
    ws.addEventListener('close', lose)
    ws.addEventListener('error', lose)
    ws.addEventListener('message', ({ data }) => {
      if (ws === this.#ws) this.#take(ws, ServerFrame.parse(JSON.parse(String(data))))
    })
    ws.accept()
  }

  /** Whatever is unanswered may or may not have been done. */
  #lose(ws: WebSocket | undefined) {
    if (ws !== this.#ws) return
    this.#ws = undefined
    for (const answer of this.#asked.values()) answer(undefined)
    this.#asked.clear()
  }

  #take(ws: WebSocket, frame: ServerFrame) {
    if (frame.type === 'changes') {
      this.client.apply(frame.changes)
      ws.send(JSON.stringify({ type: 'received', cursor: frame.changes.cursor }))
    }
    if (frame.type === 'ack' || frame.type === 'error') this.#asked.get(frame.id ?? '')?.(frame)
  }

  /** The answer to a frame; undefined when the connection ended without one. */
  async ask(frame: WithoutId<Asked>): Promise<Answer | undefined> {
    const ws = this.#ws
    if (!ws) return undefined
    const id = String(++this.#lastId)
    const answered = new Promise<Answer | undefined>((resolve) => this.#asked.set(id, resolve))
    ws.send(JSON.stringify({ ...frame, id }))
    const answer = await Promise.race([answered, pause(patienceMs)])
    this.#asked.delete(id)
    // Without an answer for so long it is dead, although nothing has closed it.
    if (!answer) this.#lose(ws)
    note(this.#device.id, 'asks', frame, '→', answer?.type === 'error' ? answer.problem.code : answer?.type)
    return answer
  }

  send(chatId: string, body: NewMessage) {
    return this.#result<Message>({ type: 'sendMessage', chatId, ...body }, 'message')
  }

  markRead(chatId: string, upToMessageId: string) {
    return this.#result<Chat>({ type: 'markRead', chatId, upToMessageId }, 'chat')
  }

  /** An answer in terms of HTTP; undefined when there is none, or none that tells the outcome. */
  async #result<T>(frame: WithoutId<Asked>, member: 'message' | 'chat') {
    const answer = await this.ask(frame)
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
