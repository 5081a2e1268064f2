import type { Sequence } from './sequence'

/** What the code of a durable object works with during one synchronous block. */
export interface DurableContext {
  sql: SqlStorage
  sequence: Sequence
  /** Epoch milliseconds, constant throughout the block. */
  now: number
  /** Ensures that the alarm fires at or before this time (epoch milliseconds). */
  wakeBy: (time: number) => void
  /** Runs an effect after the block commits, and never if it rolls back. */
  afterCommit: (effect: () => void) => void
}
