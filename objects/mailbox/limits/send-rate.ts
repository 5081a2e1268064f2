import type { Cache } from '../../durable/unit-of-work'
import type { ChatRow, ChatRows } from '../tables/chats'
import { type Rate, refilled, secondsUntilOne, type TokenBucket } from './token-bucket'

/**
 * The token bucket that limits sending, and changing what was sent. No row is written for it: what is left is kept in
 * the row of the chat, which every such action saves anyway. The latest of these rows is the bucket, so neither sleep
 * nor a crash refunds anything.
 */
export class SendRateLimiter implements Cache {
  readonly #chats: ChatRows
  #bucket: TokenBucket | undefined

  constructor(chats: ChatRows) {
    this.#chats = chats
  }

  /** Seconds until one more message can be sent, or null if it can be sent now. */
  wait(rate: Rate, now: number): number | null {
    return secondsUntilOne(refilled(this.#load(), rate, now), rate)
  }

  /** Takes one, and returns the chat with what is left, for the block to save. */
  take(chat: ChatRow, rate: Rate, now: number): ChatRow {
    const { left, at } = refilled(this.#load(), rate, now)
    this.#bucket = { left: left - 1, at }
    return { ...chat, sends_left: left - 1, sends_at: at }
  }

  #load(): TokenBucket {
    this.#bucket ??= this.#chats.lastSend()
    return this.#bucket
  }

  forget() {
    this.#bucket = undefined
  }
}
