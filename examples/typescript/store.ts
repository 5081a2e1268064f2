import type { Changes, Message, NewMessage, Problem } from './schema'
import { empty, reduce, settle } from './state'

/** A message on its way: shown below all others. One that has a `problem` has failed for good. */
export interface Pending {
  chatId: string
  message: NewMessage
  problem?: Problem
}

/** What a device keeps of one user. Each call is one transaction of the device's database, and through when it resolves. */
export interface Store {
  cursor(): Promise<string | undefined>
  /** `reduce`, the cursor, and off the outbox with every message whose `clientMessageId` is there. */
  apply(changes: Changes): Promise<void>
  /** The outbox, oldest first. */
  pending(): Promise<Pending[]>
  /** Into the outbox, in place of one with the same `clientMessageId`. */
  put(pending: Pending): Promise<void>
  /** The answer to a send: `settle`, and off the outbox. */
  settle(message: Message): Promise<void>
}

/** Keeps the outbox through a restart: all of it that an app must never lose. */
export interface OutboxKeeper {
  load(): Pending[]
  save(pending: Pending[]): void
}

/** Holds the state in memory: after a restart it comes anew, as a full copy. */
export class MemoryStore implements Store {
  readonly state = empty()
  readonly outbox: Map<string, Pending>
  readonly #keeper: OutboxKeeper | undefined
  readonly #changed: () => void
  #cursor: string | undefined

  /** `changed` is called after every change, for the screen. */
  constructor(changed: () => void = () => {}, keeper?: OutboxKeeper) {
    this.#changed = changed
    this.#keeper = keeper
    this.outbox = new Map(keeper?.load().map((one) => [one.message.clientMessageId, one]))
  }

  async cursor() {
    return this.#cursor
  }

  async apply(changes: Changes) {
    reduce(this.state, changes)
    this.#cursor = changes.cursor
    this.#done(changes.messages)
  }

  async pending() {
    return [...this.outbox.values()]
  }

  async put(pending: Pending) {
    this.outbox.set(pending.message.clientMessageId, pending)
    this.#keeper?.save([...this.outbox.values()])
    this.#changed()
  }

  async settle(message: Message) {
    settle(this.state, message)
    this.#done([message])
  }

  #done(messages: Message[]) {
    const settled = messages.filter(({ clientMessageId }) => this.outbox.delete(clientMessageId ?? ''))
    if (settled.length > 0) this.#keeper?.save([...this.outbox.values()])
    this.#changed()
  }
}
