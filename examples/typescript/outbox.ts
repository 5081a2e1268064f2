// A message is stored before it is sent, and sent until it gets a response: it will exist exactly once.
import { jitter, Pauses } from './pauses'
import { Refused } from './problem'
import type { Ask } from './realtime'
import type { AckFrame, Message, NewMessage } from './schema'
import type { Pending, Store } from './store'

export interface OutboxOptions {
  store: Store
  ask: (frame: Ask) => Promise<AckFrame>
  post: (chatId: string, message: NewMessage) => Promise<Message>
}

/** A backlog goes over HTTP: a socket takes 100 frames in 10 seconds, then it is closed. */
const waitingForSocketMax = 10

export class Outbox {
  readonly #options: OutboxOptions
  readonly #pauses = new Pauses()
  /** The last delivery in each chat: the messages of a chat go one after another. */
  readonly #turns = new Map<string, Promise<void>>()
  #isStopped = false

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Resolves once the message is stored; from then on it will be sent, whatever happens. */
  async send(chatId: string, message: Omit<NewMessage, 'clientMessageId'>) {
    await this.#options.store.put({ chatId, message: { ...message, clientMessageId: crypto.randomUUID() } })
    this.#flush(chatId)
  }

  /** Sends what an earlier run left behind. */
  async resume() {
    this.#isStopped = false
    for (const chatId of new Set((await this.#options.store.pending()).map((pending) => pending.chatId)))
      this.#flush(chatId)
  }

  /** Retries at once instead of waiting. */
  wake() {
    this.#pauses.skip()
  }

  stop() {
    this.#isStopped = true
    this.#pauses.skip()
  }

  #flush(chatId: string) {
    const before = this.#turns.get(chatId) ?? Promise.resolve()
    this.#turns.set(
      chatId,
      before.then(() => this.#drain(chatId)).catch((error) => console.error('Cannot read the outbox.', error)),
    )
  }

  async #first(chatId: string): Promise<Pending | undefined> {
    const pending = await this.#options.store.pending()
    return pending.find((one) => one.chatId === chatId && !one.problem)
  }

  /** Runs until none is left. The first is read anew each time: `changes` may settle it before the response does. */
  async #drain(chatId: string) {
    let failures = 0
    for (let next = await this.#first(chatId); next && !this.#isStopped; next = await this.#first(chatId)) {
      const failure = await this.#deliver(next)
      if (failure) await this.#pauses.wait(Math.max(jitter(failures), failure.retryAfterMs))
      failures = failure ? failures + 1 : 0
    }
  }

  /** The least time to wait before another attempt; null if none is needed. */
  async #deliver(pending: Pending): Promise<{ retryAfterMs: number } | null> {
    const { store, post } = this.#options
    try {
      const isFew = (await store.pending()).length <= waitingForSocketMax
      const sent = isFew ? await this.#bySocket(pending) : undefined
      await store.settle(sent ?? (await post(pending.chatId, pending.message)))
      return null
    } catch (error) {
      if (!(error instanceof Refused)) return { retryAfterMs: 0 }
      if (error.passes) return error
      // The session has ended: what is left is for the next one, or wiped with the rest.
      if (error.problem.status === 401) this.stop()
      else await store.put({ ...pending, problem: error.problem })
      return null
    }
  }

  /** Undefined if the socket gives no response, or an error: the first message to somebody goes over HTTP. */
  #bySocket({ chatId, message }: Pending): Promise<Message | undefined> {
    return this.#options.ask({ type: 'sendMessage', chatId, ...message }).then(
      (ack) => ack.message,
      () => undefined,
    )
  }
}
