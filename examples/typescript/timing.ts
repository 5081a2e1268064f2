/** How long the kit waits for what; all in milliseconds. */
export interface Timing {
  /** A call, with its body; also a connection until it opens, and a frame until its response. */
  callMs: number
  /** Between two pings. A connection on which nothing has come since the last one is dead. */
  pulseMs: number
  /** What `wake` leaves to whatever is under way: it hangs if it takes longer. */
  wakeMs: number
  /** The longest random pause before the first retry; it doubles with each one, up to `retryMaxMs`. */
  retryMs: number
  retryMaxMs: number
}

export const defaultTiming: Timing = {
  callMs: 30_000,
  pulseMs: 30_000,
  wakeMs: 3_000,
  retryMs: 1_000,
  retryMaxMs: 30_000,
}
