import type { Changes } from '../../../schemas/changes'
import type { ClientState } from '../../support/client-state.ts'
import type { RealtimeClient } from '../../support/realtime-client.ts'
import { openRealtime } from '../runtime/realtime.ts'
import type { Client } from './client.ts'
import { PageStats } from './page-stats.ts'

/** A connection that resumes from the cursor of a state. `store` stands for saving a page before it is confirmed. */
export class LiveSocket {
  readonly stats: PageStats
  /** Number of `changes` frames received but not yet confirmed. */
  ahead = 0
  aheadMax = 0
  readonly caughtUp: string[] = []
  /** Null while it is open. */
  closedWith: number | null = null
  readonly #client: Client
  readonly #state: ClientState
  readonly #store: () => Promise<void>
  #socket: RealtimeClient | undefined
  #stored = Promise.resolve()
  readonly #caughtUp = Promise.withResolvers<void>()

  constructor(client: Client, state: ClientState, store: () => Promise<void>) {
    this.#client = client
    this.#state = state
    this.#store = store
    this.stats = new PageStats(state.cursor)
    this.#caughtUp.promise.catch(() => {})
  }

  async open() {
    const connection = { origin: this.#client.origin, ticket: await this.#client.ticket(), cursor: this.#state.cursor }
    const socket = openRealtime(connection, (text, frame) => {
      if (frame?.type === 'changes') this.#take(socket, frame.changes, Buffer.byteLength(text))
      if (frame?.type !== 'caughtUp') return
      this.caughtUp.push(frame.cursor)
      this.#caughtUp.resolve()
    })
    socket.closed.then(({ code }) => {
      this.closedWith = code
      this.#caughtUp.reject(new Error(`Closed with ${code}`))
    })
    this.#socket = socket
  }

  /** Resolves once everything missed has arrived and is stored. */
  async untilCaughtUp() {
    await this.#caughtUp.promise
    await this.#stored
  }

  close() {
    this.#socket?.close()
  }

  #take(socket: RealtimeClient, changes: Changes, bytes: number) {
    this.ahead++
    this.aheadMax = Math.max(this.aheadMax, this.ahead)
    this.stats.note({ changes, bytes })
    this.#stored = this.#stored.then(() => this.#receive(socket, changes))
    this.#stored.catch((error) => this.#caughtUp.reject(error))
  }

  async #receive(socket: RealtimeClient, changes: Changes) {
    this.#state.apply(changes)
    await this.#store()
    if (!socket.isOpen) return
    this.ahead--
    socket.confirm(changes.cursor)
  }
}
