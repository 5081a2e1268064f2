import { limits } from '../../../src/core/limits'
import type { ChatRow } from '../tables/chats'
import { type PageRow, pageRowsAt } from '../tables/shown-message'

/** The last messages of chats, read as a page reaches them: one statement for many. */
export class LastMessages {
  readonly #sql: SqlStorage
  readonly #chats: readonly ChatRow[]
  readonly #known: ReadonlyMap<ChatRow, PageRow>
  /** By id, which is the same in all chats that hold a message. */
  readonly #read = new Map<string, PageRow>()
  #next = 0

  /** `chats` in the order in which they will be asked for, and rows that were read already. */
  constructor(sql: SqlStorage, chats: readonly ChatRow[], known: ReadonlyMap<ChatRow, PageRow> = new Map()) {
    this.#sql = sql
    this.#known = known
    this.#chats = chats.filter((chat) => chat.last_message_id !== '' && !known.has(chat))
  }

  of(chat: ChatRow): PageRow | undefined {
    if (chat.last_message_id === '') return undefined
    const known = this.#known.get(chat)
    if (known) return known
    while (!this.#read.has(chat.last_message_id) && this.#next < this.#chats.length) this.#readMore()
    return this.#read.get(chat.last_message_id)
  }

  #readMore() {
    const slice = this.#chats.slice(this.#next, this.#next + limits.lastMessagesAtOnce)
    this.#next += slice.length
    const keys = slice.map(({ peer_id, last_message_id }) => ({ chatId: peer_id, id: last_message_id }))
    for (const row of pageRowsAt(this.#sql, keys)) this.#read.set(row.id, row)
  }
}
