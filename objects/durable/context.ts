import type { Sequence } from './sequence'

/** What code of a durable object works with for the length of one synchronous block. */
export interface DurableContext {
  sql: SqlStorage
  sequence: Sequence
  /** Epoch milliseconds; the same throughout the block. */
  now: number
  /** Makes sure that the alarm rings at this time (epoch milliseconds) or earlier. */
  wakeBy: (time: number) => void
  /** Runs an effect once the block is committed, and never if it is rolled back. */
  afterCommit: (effect: () => void) => void
}
