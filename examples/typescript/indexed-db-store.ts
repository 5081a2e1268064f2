// Everything in IndexedDB, and a copy of it in memory for the screen. A change is made to a draft, committed to the
// database, and only then shown: both are always the same.
import { type GroupNews, groupIn, groupsBehind, messagesIn, reduceGroup } from './group-state.js'
import { type Copy, draftOf, openDatabase, readCopy, result, writeCopy } from './indexed-db-rows.js'
import { guarded } from './report.js'
import type { Changes, Message } from './schema.js'
import { empty, type Loaded, load, reduce, type State, settle } from './state.js'
import { afterwards, type Forgotten, isSame, type Pending, type Store } from './store.js'

/**
 * Keeps everything in a database of the browser, so that a reload continues from the stored cursor, with the outbox as it
 * was. For one window at a time: let a Web Lock decide which of several runs. Memory holds a copy of it all.
 */
export class IndexedDbStore implements Store {
  forgotten: Forgotten = { resets: 0, lefts: 0 }
  readonly #name: string
  readonly #changed: () => void
  #database: IDBDatabase | undefined
  #copy: Copy = { state: empty(), outbox: new Map(), cursor: undefined }
  #last: Promise<unknown> = Promise.resolve()

  private constructor(name: string, changed: () => void) {
    this.#name = name
    this.#changed = guarded(changed)
  }

  /**
   * Opens a database, or creates it. One belongs to one user: put their ID into the name. `changed` is called after every
   * change, so that the screen can update. Rejects if the browser has no place, or no permission, for one.
   */
  static async open(name: string, changed: () => void = () => {}): Promise<IndexedDbStore> {
    const store = new IndexedDbStore(name, changed)
    store.#copy = await readCopy(await store.#opened())
    return store
  }

  get state(): State {
    return this.#copy.state
  }

  get outbox(): ReadonlyMap<string, Pending> {
    return this.#copy.outbox
  }

  async cursor() {
    return this.#copy.cursor
  }

  apply(changes: Changes) {
    this.forgotten = afterwards(this.forgotten, changes)
    const chatIds = [...changes.messages, ...changes.removed].map(({ chatId }) => chatId)
    return this.#change([...chatIds, ...changes.chats.map(({ id }) => id), ...changes.left], (draft) => {
      reduce(draft.state, changes)
      draft.cursor = changes.cursor
      for (const { clientMessageId } of changes.messages) draft.outbox.delete(clientMessageId ?? '')
    })
  }

  async load(loaded: Loaded, asked: Forgotten) {
    const { chats = [], messages = [] } = loaded
    if (!isSame(asked, this.forgotten)) return
    const chatIds = [...chats.map(({ id }) => id), ...messages.map(({ chatId }) => chatId)]
    await this.#change(chatIds, ({ state }) => load(state, loaded))
  }

  async group(chatId: string) {
    return this.state.groups.get(chatId)
  }

  async groupsBehind() {
    return groupsBehind(this.state)
  }

  async applyGroup(news: GroupNews, asked = this.forgotten) {
    if (!isSame(asked, this.forgotten)) return false
    let isBehind = false
    await this.#change([groupIn(news)], (draft) => {
      isBehind = reduceGroup(draft.state, news)
      for (const { clientMessageId } of messagesIn(news)) draft.outbox.delete(clientMessageId ?? '')
    })
    return isBehind
  }

  async pending() {
    return [...this.outbox.values()]
  }

  put(pending: Pending) {
    return this.#change([], ({ outbox }) => outbox.set(pending.message.clientMessageId, pending))
  }

  discard(clientMessageId: string) {
    return this.#change([], ({ outbox }) => outbox.delete(clientMessageId))
  }

  settle(message: Message) {
    return this.#change([message.chatId], (draft) => {
      settle(draft.state, message)
      draft.outbox.delete(message.clientMessageId ?? '')
    })
  }

  /** Deletes the database, for when the session has ended. The store is of no use afterwards. */
  async erase() {
    await this.#last
    this.#database?.close()
    await result(indexedDB.deleteDatabase(this.#name))
  }

  #change(chatIds: Iterable<string>, change: (draft: Copy) => unknown): Promise<void> {
    const done = this.#last.then(async () => {
      const draft = draftOf(this.#copy, chatIds)
      change(draft)
      await this.#commit(draft)
      this.#copy = draft
      this.#changed()
    })
    this.#last = done.catch(() => {})
    return done
  }

  async #commit(draft: Copy) {
    try {
      await writeCopy(await this.#opened(), this.#copy, draft)
    } catch (error) {
      // A browser may have closed the database under a page in the background: the next change opens it anew.
      this.#database?.close()
      this.#database = undefined
      throw error
    }
  }

  async #opened() {
    this.#database ??= await openDatabase(this.#name)
    return this.#database
  }
}
