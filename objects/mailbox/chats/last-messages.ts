import { limits } from '../../../src/core/limits'
import type { ChatRow } from '../tables/chats'
import { type PageRow, pageRowsAt } from '../tables/shown-message'

interface Options {
  limit?: number
  known?: ReadonlyMap<string, PageRow>
}

/** The last messages of chats, read as a page reaches them: one statement for many. */
export class LastMessages {
  readonly #sql: SqlStorage
  readonly #chats: Iterator<ChatRow>
  readonly #known: ReadonlyMap<string, PageRow>
  /** By id, which is the same in all chats that hold a message. What was not found is undefined. */
  readonly #read = new Map<string, PageRow | undefined>()
  readonly #atOnce: number
  #isDone = false

  /**
   * `chats` in the order in which they will be asked for, `limit` of them perhaps, and rows that were read already by then,
   * by their ids.
   */
  constructor(sql: SqlStorage, chats: Iterable<ChatRow>, { limit = limits.lastMessagesAtOnce, known }: Options = {}) {
    this.#sql = sql
    this.#known = known ?? new Map()
    this.#atOnce = Math.min(limit, limits.lastMessagesAtOnce)
    this.#chats = chats[Symbol.iterator]()
  }

  of({ last_message_id: id }: ChatRow): PageRow | undefined {
    if (id === '') return undefined
    const known = this.#known.get(id)
    if (known) return known
    while (!this.#read.has(id) && !this.#isDone) this.#readMore()
    return this.#read.get(id)
  }

  #readMore() {
    const keys: { chatId: string; id: string }[] = []
    while (keys.length < this.#atOnce) {
      const { value: chat, done } = this.#chats.next()
      if (done) {
        this.#isDone = true
        break
      }
      const { peer_id: chatId, last_message_id: id } = chat
      if (id !== '' && !this.#known.has(id)) keys.push({ chatId, id })
    }
    for (const { id } of keys) this.#read.set(id, undefined)
    for (const row of pageRowsAt(this.#sql, keys)) this.#read.set(row.id, row)
  }
}
