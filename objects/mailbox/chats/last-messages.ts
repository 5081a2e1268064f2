import { limits } from '../../../src/core/limits'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'

/** The last messages of chats, read as a page reaches them: one statement for many. */
export class LastMessages {
  readonly #sql: SqlStorage
  readonly #chats: readonly ChatRow[]
  /** By id, which is the same in all chats that hold a message. */
  readonly #read: Map<string, MessageRow>
  #next = 0

  /** `chats` in the order in which they will be asked for, and rows that were read already, by id. */
  constructor(sql: SqlStorage, chats: readonly ChatRow[], known: ReadonlyMap<string, MessageRow> = new Map()) {
    this.#sql = sql
    this.#read = new Map(known)
    this.#chats = chats.filter(({ last_message_id }) => last_message_id !== '' && !known.has(last_message_id))
  }

  of(chat: ChatRow): MessageRow | undefined {
    if (chat.last_message_id === '') return undefined
    while (!this.#read.has(chat.last_message_id) && this.#next < this.#chats.length) this.#readMore()
    return this.#read.get(chat.last_message_id)
  }

  #readMore() {
    const slice = this.#chats.slice(this.#next, this.#next + limits.lastMessagesAtOnce)
    this.#next += slice.length
    const keys = slice.map(({ peer_id, last_message_id }) => ({ chatId: peer_id, id: last_message_id }))
    for (const row of messages.at(this.#sql, keys)) this.#read.set(row.id, row)
  }
}
