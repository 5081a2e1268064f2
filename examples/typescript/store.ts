import { guarded } from './report.js'
import type { Changes, Message, OutgoingMessage, Problem } from './schema.js'
import { empty, type Loaded, load, reduce, settle } from './state.js'

/** A message that is being sent, shown below all others. One with a `problem` has failed for good. */
export interface Pending {
  chatId: string
  message: OutgoingMessage
  problem?: Problem
}

/**
 * What a device keeps for one user: a full copy, or, with `from: 'now'`, what was loaded and what has changed since. Each
 * call is one transaction in its database, committed when the call resolves; one that rejects has changed nothing. Calls
 * take effect in order.
 */
export interface Store {
  /** Undefined before the first page. */
  cursor(): Promise<string | undefined>
  /** Applies `reduce`, stores the cursor, and removes from the outbox each message whose `clientMessageId` came. */
  apply(changes: Changes): Promise<void>
  /** The number of pages with `reset` since it was opened, counted when `apply` is called. */
  readonly resets: number
  /** Applies `load`, unless `resets` has changed since the pages were requested: they may hold what is gone. */
  load(loaded: Loaded, resets: number): Promise<void>
  /** The outbox, oldest first. */
  pending(): Promise<Pending[]>
  /** Puts it into the outbox, replacing any entry with the same `clientMessageId`. */
  put(pending: Pending): Promise<void>
  /** Takes it out of the outbox: the user gives up a message that has failed. */
  discard(clientMessageId: string): Promise<void>
  /** Takes the response to a send: applies `settle`, and removes the message from the outbox. */
  settle(message: Message): Promise<void>
}

/** Keeps the outbox across restarts: the one thing an app must never lose. */
export interface OutboxKeeper {
  load(): Pending[]
  /** Complete on return. If it throws, the message is not sent, and `send` rejects. */
  save(pending: Pending[]): void
}

/** Keeps the outbox in `localStorage` or `sessionStorage`. The key belongs to one user: the next must not send it. */
export const keptIn = (storage: Pick<Storage, 'getItem' | 'setItem'>, key: string): OutboxKeeper => ({
  load: () => JSON.parse(storage.getItem(key) ?? '[]'),
  save: (pending) => storage.setItem(key, JSON.stringify(pending)),
})

/** Keeps the state in memory: after a restart it arrives again, as a full copy or, with `from: 'now'`, as it is loaded. */
export class MemoryStore implements Store {
  readonly state = empty()
  outbox: Map<string, Pending>
  resets = 0
  readonly #keeper: OutboxKeeper | undefined
  readonly #changed: () => void
  #cursor: string | undefined

  /** `changed` is called after every change, so that the screen can update. What it throws is reported. */
  constructor(changed: () => void = () => {}, keeper?: OutboxKeeper) {
    this.#changed = guarded(changed)
    this.#keeper = keeper
    this.outbox = new Map(keeper?.load().map((one) => [one.message.clientMessageId, one]))
  }

  async cursor() {
    return this.#cursor
  }

  async apply(changes: Changes) {
    if (changes.reset) this.resets++
    this.#saveWithout(changes.messages)
    reduce(this.state, changes)
    this.#cursor = changes.cursor
    this.#changed()
  }

  async load(loaded: Loaded, resets: number) {
    if (resets !== this.resets) return
    load(this.state, loaded)
    this.#changed()
  }

  async pending() {
    return [...this.outbox.values()]
  }

  async put(pending: Pending) {
    this.#save(new Map(this.outbox).set(pending.message.clientMessageId, pending))
    this.#changed()
  }

  async discard(clientMessageId: string) {
    this.#saveWithout([{ clientMessageId }])
    this.#changed()
  }

  async settle(message: Message) {
    this.#saveWithout([message])
    settle(this.state, message)
    this.#changed()
  }

  /** First the keeper, which may throw: then nothing has changed. */
  #save(outbox: Map<string, Pending>) {
    this.#keeper?.save([...outbox.values()])
    this.outbox = outbox
  }

  #saveWithout(messages: Pick<Message, 'clientMessageId'>[]) {
    const outbox = new Map(this.outbox)
    const settled = messages.filter(({ clientMessageId }) => outbox.delete(clientMessageId ?? ''))
    if (settled.length > 0) this.#save(outbox)
  }
}
