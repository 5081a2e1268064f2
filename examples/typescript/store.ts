import { type GroupNews, groupsBehind, messagesIn, reduceGroup } from './group-state.js'
import { guarded } from './report.js'
import type { Changes, Message, OutgoingMessage, Problem } from './schema.js'
import { empty, type GroupCopy, type Loaded, load, reduce, settle } from './state.js'

/** A message that is being sent, shown below all others. One with a `problem` has failed for good. */
export interface Pending {
  chatId: string
  message: OutgoingMessage
  problem?: Problem
}

/** What a store has forgotten since it was opened. What was requested before that can hold what is gone. */
export interface Forgotten {
  /** The number of pages with `reset`. */
  resets: number
  /** The number of groups that were left. */
  lefts: number
}

export const isSame = (one: Forgotten, other: Forgotten) => one.resets === other.resets && one.lefts === other.lefts

export const afterwards = ({ resets, lefts }: Forgotten, { reset, left }: Changes): Forgotten => ({
  resets: resets + (reset ? 1 : 0),
  lefts: lefts + left.length,
})

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
  /** Counted when `apply` is called. */
  readonly forgotten: Forgotten
  /** Applies `load`, unless `forgotten` has changed since the pages were requested. */
  load(loaded: Loaded, asked: Forgotten): Promise<void>
  /** How far a group is held; undefined if it is not. */
  group(chatId: string): Promise<GroupCopy | undefined>
  /** Returns `groupsBehind`. */
  groupsBehind(): Promise<string[]>
  /**
   * Applies `reduceGroup`, resolves to what it returns, and removes from the outbox each message whose `clientMessageId`
   * came. If `forgotten` has changed since a page was requested, it applies nothing, and resolves to false.
   */
  applyGroup(news: GroupNews, asked?: Forgotten): Promise<boolean>
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
  forgotten: Forgotten = { resets: 0, lefts: 0 }
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
    this.forgotten = afterwards(this.forgotten, changes)
    this.#saveWithout(changes.messages)
    reduce(this.state, changes)
    this.#cursor = changes.cursor
    this.#changed()
  }

  async load(loaded: Loaded, asked: Forgotten) {
    if (!isSame(asked, this.forgotten)) return
    load(this.state, loaded)
    this.#changed()
  }

  async group(chatId: string) {
    return this.state.groups.get(chatId)
  }

  async groupsBehind() {
    return groupsBehind(this.state)
  }

  async applyGroup(news: GroupNews, asked = this.forgotten) {
    if (!isSame(asked, this.forgotten)) return false
    this.#saveWithout(messagesIn(news))
    const isBehind = reduceGroup(this.state, news)
    this.#changed()
    return isBehind
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
