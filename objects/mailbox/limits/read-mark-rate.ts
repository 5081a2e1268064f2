import { type Rate, refilled, secondsUntilOne, type TokenBucket } from './token-bucket'

/**
 * The token bucket that limits read marks, over HTTP and socket together. It is kept in memory only: while the mailbox
 * sleeps, nothing is marked.
 */
export class ReadMarkLimiter {
  #bucket: TokenBucket = { left: 0, at: 0 }

  /** Seconds until one can be taken, or null if it can be taken now. */
  wait(rate: Rate, now: number): number | null {
    return secondsUntilOne(refilled(this.#bucket, rate, now), rate)
  }

  /** Takes one and returns null, or takes nothing and returns the seconds until there is one. */
  take(rate: Rate, now: number): number | null {
    const bucket = refilled(this.#bucket, rate, now)
    const wait = secondsUntilOne(bucket, rate)
    if (wait === null) this.#bucket = { ...bucket, left: bucket.left - 1 }
    return wait
  }
}
