// A message is stored before it is sent, and sent until it gets a response: it will exist exactly once. The messages of a
// chat go one after another, so their order is the one in which they were written.
import type { Ask } from './frames.js'
import { jitter, Pauses } from './pauses.js'
import { isSessionOver, Refused, UnexpectedResponse } from './problem.js'
import { guarded, type OnError, report } from './report.js'
import type { AckFrame, Message, OutgoingMessage } from './schema.js'
import type { Pending, Store } from './store.js'
import { TimeLimits } from './time-limits.js'
import { defaultTiming, type Timing } from './timing.js'

export interface OutboxOptions {
  store: Store
  ask: (frame: Ask) => Promise<AckFrame>
  post: (chatId: string, message: OutgoingMessage, signal: AbortSignal) => Promise<Message>
  /** Told of what the store rejects with. By default, as an uncaught error. */
  onError?: OnError | undefined
  timing?: Partial<Timing> | undefined
}

type Failure = Refused | UnexpectedResponse

const isFailure = (error: unknown): error is Failure => error instanceof Refused || error instanceof UnexpectedResponse

export class Outbox {
  readonly #options: OutboxOptions
  readonly #timing: Timing
  readonly #onError: OnError
  readonly #pauses = new Pauses()
  readonly #limits = new TimeLimits()
  /** The last delivery in each chat, for the next one to wait for. */
  readonly #turns = new Map<string, Promise<void>>()
  /** Attempts that failed in a row, by chat. */
  readonly #failures = new Map<string, number>()
  #stopping = new AbortController()

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#onError = guarded(options.onError ?? report)
  }

  /**
   * Resolves once the message is stored; from then on it will be sent, whatever happens. Rejects if the store does: then
   * it is not in the outbox.
   */
  async send(chatId: string, message: Omit<OutgoingMessage, 'clientMessageId'>) {
    await this.#options.store.put({ chatId, message: { ...message, clientMessageId: crypto.randomUUID() } })
    this.#flush(chatId)
  }

  /** Sends what is waiting: what an earlier run left behind, or a failed message that was put again without its problem. */
  async resume() {
    if (this.#stopping.signal.aborted) this.#stopping = new AbortController()
    const pending = await this.#options.store.pending()
    for (const chatId of new Set(pending.map((one) => one.chatId))) this.#flush(chatId)
  }

  /** Retries at once instead of waiting, and gives up within 3 seconds what does not answer. */
  wake() {
    this.#failures.clear()
    this.#pauses.skip()
    this.#limits.shorten(this.#timing.wakeMs)
  }

  /** Sends no more until `resume`. */
  stop() {
    this.#stopping.abort()
    this.#limits.cancel()
    this.#pauses.skip()
  }

  #flush(chatId: string) {
    const { signal } = this.#stopping
    const turn = (this.#turns.get(chatId) ?? Promise.resolve())
      .then(() => this.#drain(chatId, signal))
      .finally(() => {
        if (this.#turns.get(chatId) === turn) this.#turns.delete(chatId)
      })
    this.#turns.set(chatId, turn)
  }

  /** Runs until none is left. The first is read anew each time: `changes` may settle it before the response does. */
  async #drain(chatId: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const retryAfterMs = await this.#deliverFirst(chatId)
      if (retryAfterMs === 'none left') return
      if (retryAfterMs === null) this.#failures.delete(chatId)
      else if (!signal.aborted) await this.#pause(chatId, retryAfterMs)
    }
  }

  async #pause(chatId: string, leastMs: number) {
    const failures = this.#failures.get(chatId) ?? 0
    this.#failures.set(chatId, failures + 1)
    await this.#pauses.wait(Math.max(jitter(failures, this.#timing), leastMs))
  }

  /** The least time to wait before another attempt; null if the message is settled, or refused for good. */
  async #deliverFirst(chatId: string): Promise<number | null | 'none left'> {
    const { store } = this.#options
    try {
      const next = (await store.pending()).find((one) => one.chatId === chatId && !one.problem)
      if (!next) return 'none left'
      const outcome = await this.#attempt(next)
      if ('message' in outcome) await store.settle(outcome.message)
      else if (isSessionOver(outcome.error))
        this.stop() // What is left is for the next session, or wiped with the rest.
      else if (!isFailure(outcome.error))
        return 0 // There was no response, or none that can be read.
      else if (outcome.error.passes) return outcome.error.retryAfterMs
      else await store.put({ ...next, problem: outcome.error.problem })
      return null
    } catch (error) {
      this.#onError(error)
      return 0
    }
  }

  async #attempt(pending: Pending): Promise<{ message: Message } | { error: unknown }> {
    const { chatId, message } = pending
    try {
      const sent =
        (await this.#bySocket(pending)) ??
        (await this.#limits.run(this.#timing.callMs, (signal) => this.#options.post(chatId, message, signal)))
      if (sent?.clientMessageId === message.clientMessageId) return { message: sent }
      return { error: new Error('The response is not the message.') }
    } catch (error) {
      return { error }
    }
  }

  /** Undefined if the socket gives no response, or cannot: the first message to somebody goes over HTTP. */
  async #bySocket({ chatId, message }: Pending): Promise<Message | undefined> {
    try {
      return (await this.#options.ask({ type: 'sendMessage', chatId, ...message })).message
    } catch (error) {
      if (error instanceof Refused && error.problem.code !== 'chat_not_found') throw error
      return undefined
    }
  }
}
