import { Trail } from './trail.ts'

/** A connection that goes on from the cursor of a copy. `store` is what the client does with a page before it says `received`. */
export class LiveSocket {
  /** Frames of changes that came and were not yet said to be received. */
  ahead = 0
  aheadMax = 0
  caughtUp = []
  /** Null while it is open. */
  closedWith = null
  #client
  #copy
  #store
  #webSocket
  #stored = Promise.resolve()
  #caughtUp = Promise.withResolvers()

  constructor(client, copy, store) {
    this.#client = client
    this.#copy = copy
    this.#store = store
    this.trail = new Trail(copy.cursor)
    this.#caughtUp.promise.catch(() => {})
  }

  async open() {
    const query = new URLSearchParams({ ticket: await this.#client.ticket(), cursor: this.#copy.cursor })
    this.#webSocket = new WebSocket(`${this.#client.origin.replace('http', 'ws')}/v1/realtime?${query}`)
    this.#webSocket.addEventListener('message', ({ data }) => this.#read(data))
    this.#webSocket.addEventListener('error', () => {})
    this.#webSocket.addEventListener('close', ({ code }) => {
      this.closedWith = code
      this.#caughtUp.reject(new Error(`Closed with ${code}`))
    })
  }

  /** Resolves once all that was missed has come and is stored. */
  async untilCaughtUp() {
    await this.#caughtUp.promise
    await this.#stored
  }

  close() {
    this.#webSocket.close()
  }

  #read(data) {
    const { type, changes, cursor } = JSON.parse(data)
    if (type === 'changes') {
      this.ahead++
      this.aheadMax = Math.max(this.aheadMax, this.ahead)
      this.trail.note({ changes, bytes: Buffer.byteLength(data) })
      this.#stored = this.#stored.then(() => this.#receive(changes))
      this.#stored.catch((error) => this.#caughtUp.reject(error))
    }
    if (type !== 'caughtUp') return
    this.caughtUp.push(cursor)
    this.#caughtUp.resolve()
  }

  async #receive(changes) {
    this.#copy.apply(changes)
    await this.#store()
    if (this.#webSocket.readyState !== WebSocket.OPEN) return
    this.ahead--
    this.#webSocket.send(JSON.stringify({ type: 'received', cursor: changes.cursor }))
  }
}
