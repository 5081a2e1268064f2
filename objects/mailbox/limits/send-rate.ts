import { mintId } from '../../../src/core/ids'
import type { Cache } from '../../durable/unit-of-work'
import type { ChatRows } from '../tables/chats'
import type { SendRate } from './quota-figures'

const minuteMs = 60_000

/**
 * The token bucket that limits sending. No row is written for it: it is kept in memory and, after a wake, rebuilt from
 * the messages themselves, whose rows are never deleted. The messages from the time in which an empty bucket fills are
 * enough.
 */
export class SendRateLimiter implements Cache {
  readonly #sql: SqlStorage
  readonly #chats: ChatRows
  #bucket: { left: number; at: number } | undefined

  constructor(sql: SqlStorage, chats: ChatRows) {
    this.#sql = sql
    this.#chats = chats
  }

  /** Seconds until one more message can be sent, or null if it can be sent now. */
  wait(rate: SendRate, now: number): number | null {
    const left = this.#left(rate, now)
    return left >= 1 ? null : Math.max(1, Math.ceil(((1 - left) / rate.perMinute) * 60))
  }

  take(rate: SendRate, now: number) {
    this.#bucket = { left: this.#left(rate, now) - 1, at: now }
  }

  #left({ burst, perMinute }: SendRate, now: number): number {
    this.#bucket ??= this.#fromMessages({ burst, perMinute }, now)
    const { left, at } = this.#bucket
    return Math.min(burst, left + (perMinute * Math.max(0, now - at)) / minuteMs)
  }

  #fromMessages(rate: SendRate, now: number) {
    const since = Math.floor(now - (rate.burst / rate.perMinute) * minuteMs)
    this.#bucket = { left: rate.burst, at: since }
    for (const sentAt of this.#sentSince(since)) this.take(rate, sentAt)
    return this.#bucket
  }

  #sentSince(since: number): number[] {
    // The time in an id is never before the time of sending, but can be after it.
    const from = mintId('message', Math.max(0, since))
    const chatIds = this.#chats.all().flatMap((chat) => (chat.own_id > from ? chat.peer_id : []))
    if (chatIds.length === 0) return []
    return this.#sql
      .exec<{ created_at: number }>(
        `SELECT created_at FROM json_each(?) AS chat CROSS JOIN messages
         WHERE chat_id = chat.value AND messages.id > ? AND mine = 1 AND created_at > ? ORDER BY created_at`,
        JSON.stringify(chatIds),
        from,
        since,
      )
      .toArray()
      .map((row) => row.created_at)
  }

  forget() {
    this.#bucket = undefined
  }
}
