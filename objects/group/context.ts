import type { SearchProgress } from '../durable/search-progress'
import type { UnreadCounts } from './changes/unread-counts'
import type { Facts } from './tables/facts'
import type { MemberRow, Members } from './tables/members'

/** What the code of a group works with during one synchronous block. */
export interface GroupContext {
  groupId: string
  sql: SqlStorage
  facts: Facts
  members: Members
  unread: UnreadCounts
  searchProgress: SearchProgress
  /** Whether the group holds as much as it may. */
  isFull: () => boolean
  /** Epoch milliseconds, constant throughout the block. */
  now: number
  /** Ensures that the alarm rings at or before this time (epoch milliseconds). */
  wakeBy: (time: number) => void
  /**
   * Takes the number of a change: one that all members see, or one that a single member sees. It stands for what the block
   * does afterwards, too.
   */
  change: (kind: 'common' | 'own') => number
}

/** A context on behalf of a member. */
export interface MemberContext extends GroupContext {
  me: MemberRow
}
