import type { Challenge } from '../../../repositories/open-codes'
import { limits } from '../../core/limits'

/** A verification that may still be proven by the number's code. */
export interface Contender {
  /** As stored: the better its asker is known, the higher. */
  trust: number
  /** Codes it has tried. */
  checks: number
}

/**
 * How many codes one verification may still try. The provider checks five of one code, for all our verifications of the
 * number together. A verification that is alone may try them all; with others open it has a small share; and whoever asks
 * leaves the share of those who are better known. So a stranger who opens verifications of somebody's number, and burns
 * their checks, does not keep its owner out.
 */
export function checksAvailable(own: Contender, others: Contender[], made: number): number {
  const share = others.length > 0 ? limits.otpChecksShared : limits.otpChecksMax
  return Math.max(0, Math.min(share - own.checks, limits.otpChecksMax - made - checksReserved(own, others)))
}

/** The checks that are kept for those who are better known than this one. */
const checksReserved = (own: Contender, others: Contender[]) =>
  others
    .filter(({ trust }) => trust > own.trust)
    .reduce((sum, { checks }) => sum + Math.max(0, limits.otpChecksShared - checks), 0)

/**
 * What another send does with the open code. It sends the code again; or it replaces it, with `carriedChecks` counted as
 * made (a code that has been tried as often as it may carries none over); or it is refused, because it would take the code
 * away from somebody who is better known.
 */
export function planCode(
  open: Challenge | null,
  own: Contender,
  others: Contender[],
  now: number,
): { kind: 'resend' } | { kind: 'replace'; carriedChecks: number } | { kind: 'refuse'; until: number } {
  if (!open || open.expiresAt <= now) return { kind: 'replace', carriedChecks: 0 }
  const hasNoChecksLeft = checksAvailable(own, others, open.checks) === 0
  const hasNoSendsLeft = open.sends >= limits.otpSendsPerCode
  const isOld = open.expiresAt - now < limits.otpRemainingSecondsMin * 1000
  if (!hasNoChecksLeft && !hasNoSendsLeft && !isOld) return { kind: 'resend' }
  if (checksReserved(own, others) === 0) return { kind: 'replace', carriedChecks: hasNoChecksLeft ? 0 : open.checks }
  return hasNoChecksLeft || hasNoSendsLeft ? { kind: 'refuse', until: open.expiresAt } : { kind: 'resend' }
}
