/** How much can be done: `burst` at once, which refills at `perMinute`. */
export interface Rate {
  burst: number
  perMinute: number
}

/** What was left at a time (epoch milliseconds). */
export interface TokenBucket {
  left: number
  at: number
}

const minuteMs = 60_000

/** The bucket as it is now. A clock that went back refills nothing. */
export const refilled = ({ left, at }: TokenBucket, { burst, perMinute }: Rate, now: number): TokenBucket => ({
  left: Math.min(burst, left + (perMinute * Math.max(0, now - at)) / minuteMs),
  at: now,
})

/** Seconds until one can be taken, or null if it can be taken now. */
export const secondsUntilOne = ({ left }: TokenBucket, { perMinute }: Rate): number | null =>
  left >= 1 ? null : Math.max(1, Math.ceil(((1 - left) / perMinute) * 60))
