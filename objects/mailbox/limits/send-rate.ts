import type { Cache } from '../../durable/unit-of-work'
import type { ChatRow, ChatRows } from '../tables/chats'
import type { GroupRows } from '../tables/groups'
import { type Rate, refilled, secondsUntilOne, type TokenBucket } from './token-bucket'

/**
 * The token bucket that limits sending, and changing what was sent. No row is written for it: what is left is kept in
 * the row of the chat, which every such action saves anyway; for groups, only once much is used up. The latest of these
 * rows is the bucket, so neither sleep nor a crash refunds much.
 */
export class SendRateLimiter implements Cache {
  readonly #chats: ChatRows
  readonly #groups: GroupRows
  #bucket: TokenBucket | undefined

  constructor(chats: ChatRows, groups: GroupRows) {
    this.#chats = chats
    this.#groups = groups
  }

  /** Seconds until one more message can be sent, or null if it can be sent now. */
  wait(rate: Rate, now: number): number | null {
    return secondsUntilOne(refilled(this.#load(), rate, now), rate)
  }

  /** Takes one, and returns the chat with what is left, for the block to save. */
  take(chat: ChatRow, rate: Rate, now: number): ChatRow {
    const { left, at } = this.takeOne(rate, now)
    return { ...chat, sends_left: left, sends_at: at }
  }

  /** Takes one, and returns what is left. */
  takeOne(rate: Rate, now: number): TokenBucket {
    const { left, at } = refilled(this.#load(), rate, now)
    this.#bucket = { left: left - 1, at }
    return this.#bucket
  }

  #load(): TokenBucket {
    this.#bucket ??= latest([this.#chats.lastSend(), ...this.#groups.all().map(toBucket)])
    return this.#bucket
  }

  forget() {
    this.#bucket = undefined
  }
}

const toBucket = ({ sends_left, sends_at }: { sends_left: number; sends_at: number }): TokenBucket => ({
  left: sends_left,
  at: sends_at,
})

const latest = (buckets: readonly TokenBucket[]): TokenBucket =>
  buckets.reduce((a, b) => (b.at > a.at || (b.at === a.at && b.left < a.left) ? b : a))
