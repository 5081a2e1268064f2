import type { Changes, Message, NewMessage, Problem } from './schema'
import { empty, reduce, settle } from './state'

/** A message that is being sent, shown below all others. One with a `problem` has failed for good. */
export interface Pending {
  chatId: string
  message: NewMessage
  problem?: Problem
}

/** What a device keeps for one user. Each call is one transaction in its database, committed when the call resolves. */
export interface Store {
  cursor(): Promise<string | undefined>
  /** Applies `reduce`, stores the cursor, and removes from the outbox each message whose `clientMessageId` came. */
  apply(changes: Changes): Promise<void>
  /** The outbox, oldest first. */
  pending(): Promise<Pending[]>
  /** Puts it into the outbox, replacing any entry with the same `clientMessageId`. */
  put(pending: Pending): Promise<void>
  /** Takes the response to a send: applies `settle`, and removes the message from the outbox. */
  settle(message: Message): Promise<void>
}

/** Keeps the outbox across restarts: the one thing an app must never lose. */
export interface OutboxKeeper {
  load(): Pending[]
  save(pending: Pending[]): void
}

/** Keeps the state in memory: after a restart it arrives again as a full copy. */
export class MemoryStore implements Store {
  readonly state = empty()
  readonly outbox: Map<string, Pending>
  readonly #keeper: OutboxKeeper | undefined
  readonly #changed: () => void
  #cursor: string | undefined

  /** `changed` is called after every change, so that the screen can update. */
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
