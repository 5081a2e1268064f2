import type { ProblemCode } from '../core/errors'
import type { limits } from '../core/limits'
import type { SendBudget } from './send-budgets'

/**
 * Anything that is counted over time or kept in storage, and refused beyond a figure. A new rate limit or quota is a
 * row here.
 */
export interface UsageLimit {
  /** What is counted. */
  counts: string
  /**
   * What each count belongs to. A prefix is a phone number without its last four digits; a site is an IPv6 /56 or an
   * IPv4 address, a block an IPv6 /48 or an IPv4 /24.
   */
  by: SendBudget['scope'] | 'user' | 'chat' | 'group' | 'message' | 'verification' | 'socket'
  /**
   * `platform`: Cloudflare's limiter, per location and approximate. `memory`: the mailbox's memory, empty after a
   * wake. `group`: the group’s own storage. `socket`: the state that stays with a socket while its mailbox hibernates.
   */
  countedIn: 'platform' | 'D1' | 'mailbox' | 'memory' | 'group' | 'socket'
  /**
   * A problem code or a socket's close code; `waits` if what is beyond is delivered later; null if nothing is refused and
   * the least recently used one ends instead.
   */
  refusal: ProblemCode | 4408 | 4409 | 4429 | 'waits' | null
  /** The settings that an owner can change, with their defaults; null for one that is not a single figure. */
  settings: Record<string, number | null>
  /** The figures in `limits.ts` that nobody can change. */
  bounds: (keyof typeof limits)[]
}
