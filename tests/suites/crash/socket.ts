// A device that lives on its WebSocket: it resumes from the last cursor it stored, as soon as it can, for as long as it is
// wanted.
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Copy } from '../runtime/copy.ts'
import { attempt } from '../runtime/http.ts'

const pauseMs = 40
const answeredWithinMs = 15_000

export class Socket {
  /** What it holds, of `changes` frames alone. */
  copy = new Copy()
  #origin
  #token
  #webSocket
  #isWanted = true
  #frames = 0
  /** The frames that wait for their answer, by id. */
  #waiting = new Map()

  constructor(origin, token) {
    this.#origin = origin
    this.#token = token
  }

  get isOpen() {
    return this.#webSocket?.readyState === WebSocket.OPEN
  }

  /** Stays connected until it is closed. */
  async run() {
    while (this.#isWanted) {
      await this.#connect().catch(() => {})
      await sleep(pauseMs)
    }
  }

  close() {
    this.#isWanted = false
    this.#webSocket?.close()
  }

  async #connect() {
    const { status, body } = await attempt(this.#origin, 'POST', '/v1/realtime/tickets', { token: this.#token })
    if (status !== 201) return
    const query = new URLSearchParams({ ticket: body.ticket, ...(this.copy.cursor && { cursor: this.copy.cursor }) })
    this.#webSocket = new WebSocket(`${this.#origin.replace('http', 'ws')}/v1/realtime?${query}`)
    this.#webSocket.addEventListener('message', ({ data }) => this.#read(JSON.parse(data)))
    // Without a listener of its own, an error would end this process; the close that follows is enough.
    this.#webSocket.addEventListener('error', () => {})
    await once(this.#webSocket, 'close')
    for (const { reject } of this.#waiting.values()) reject(new Error('The connection is closed'))
    this.#waiting.clear()
  }

  #read({ type, id, changes, message, chat, problem }) {
    if (type === 'changes') {
      this.copy.apply(changes)
      this.#webSocket.send(JSON.stringify({ type: 'received', cursor: changes.cursor }))
    }
    if (type !== 'ack' && type !== 'error') return
    this.#waiting
      .get(id)
      ?.resolve(problem ? { status: problem.status, body: problem } : { status: 200, body: message ?? chat })
    this.#waiting.delete(id)
  }

  /** Sends a frame; resolves to its answer as HTTP would give it, and rejects when the connection drops. */
  ask(type, fields) {
    const id = String(this.#frames++)
    const { promise, resolve, reject } = Promise.withResolvers()
    this.#waiting.set(id, { resolve, reject })
    this.#webSocket.send(JSON.stringify({ type, id, ...fields }))
    const tooLong = sleep(answeredWithinMs, null, { ref: false }).then(() => Promise.reject(new Error('No answer')))
    return Promise.race([promise, tooLong])
  }
}
