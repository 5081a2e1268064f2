import type { Cache } from '../../durable/unit-of-work'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'

/**
 * The message that the owner sent last, as it was stored: the delivery that follows at once need not read it again. Every
 * change of a message gives its chat a higher number, after which this is no longer what storage holds.
 */
export class LastSent implements Cache {
  #row: MessageRow | undefined

  set(row: MessageRow) {
    this.#row = row
  }

  /** What waits to be delivered in a chat, if that is only the last message sent and the chat has not changed since. */
  pendingOf({ peer_id, pending_id, own_id, seq }: ChatRow): MessageRow | undefined {
    const row = this.#row
    return row?.chat_id === peer_id && row.id === pending_id && row.id === own_id && row.seq === seq ? row : undefined
  }

  forget() {
    this.#row = undefined
  }
}
