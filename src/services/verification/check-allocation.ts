import type { Challenge } from '../../../repositories/verifications'
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
  return Math.max(0, Math.min(share - own.checks, limits.otpChecksMax - made - kept(own, others)))
}

/** The checks that are kept for those who are better known than this one. */
const kept = (own: Contender, others: Contender[]) =>
  others
    .filter(({ trust }) => trust > own.trust)
    .reduce((sum, { checks }) => sum + Math.max(0, limits.otpChecksShared - checks), 0)

/**
 * What another send has to do with the code that is open: send it again; begin anew, with so many checks counted as made
 * already (only a code that has been tried as often as it may leaves none behind); or neither, as that would take the code
 * of somebody who is better known away.
 */
export function nextCode(
  open: Challenge | null,
  own: Contender,
  others: Contender[],
  now: number,
): { kind: 'again' } | { kind: 'anew'; carriedChecks: number } | { kind: 'refuse'; until: number } {
  if (!open || open.expiresAt <= now) return { kind: 'anew', carriedChecks: 0 }
  const isUsedUp = checksAvailable(own, others, open.checks) === 0
  const isSentUp = open.sends >= limits.otpSendsPerCode
  const isOld = open.expiresAt - now < limits.otpRemainingSecondsMin * 1000
  if (!isUsedUp && !isSentUp && !isOld) return { kind: 'again' }
  if (kept(own, others) === 0) return { kind: 'anew', carriedChecks: isUsedUp ? 0 : open.checks }
  return isUsedUp || isSentUp ? { kind: 'refuse', until: open.expiresAt } : { kind: 'again' }
}
