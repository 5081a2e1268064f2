import type { Challenge } from '../../../repositories/open-codes'
import { limits } from '../../core/limits'

/** A verification that the number's code can still prove. */
export interface Contender {
  /** As stored: the better known its requester, the higher. */
  trust: number
  /** How many codes it has tried. */
  checks: number
}

/**
 * Returns how many codes one verification can still try. The provider allows five checks per code, for all our
 * verifications of the number together. A verification that is alone can use them all. With others open, it has a small
 * share, and it leaves the share of those that are better known. So a stranger who opens verifications of somebody's
 * number, and uses up their checks, does not lock its owner out.
 */
export function checksAvailable(own: Contender, others: Contender[], made: number): number {
  const share = others.length > 0 ? limits.otpChecksShared : limits.otpChecksMax
  return Math.max(0, Math.min(share - own.checks, limits.otpChecksMax - made - checksReserved(own, others)))
}

/** The checks reserved for those that are better known than this one. */
const checksReserved = (own: Contender, others: Contender[]) =>
  others
    .filter(({ trust }) => trust > own.trust)
    .reduce((sum, { checks }) => sum + Math.max(0, limits.otpChecksShared - checks), 0)

/**
 * Decides what another send does with the open code. It sends the code again; or it replaces the code, with
 * `carriedChecks` counted as made (a code with no checks left carries none over); or it is refused, because it would
 * take the code away from somebody who is better known.
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
