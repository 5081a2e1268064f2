import { limits } from '../src/core/limits'

/** The provider's open verification of a number. */
export interface Challenge {
  providerRef: string
  /** How many times its code was sent. */
  sends: number
  /** Checks that were made by all verifications together. */
  checks: number
  /** Epoch milliseconds. */
  expiresAt: number
}

/** The open code of a number. */
export interface OpenCode {
  challenge: Challenge | null
  /** The provider's id of a code that expired a moment ago by our clock and might still be open by the provider's. */
  lapsedRef: string | null
  /** Our verifications of the number that its code can prove. */
  contenders: { id: string; trust: number; checks: number }[]
}

type ChallengeRow = { provider_ref: string; sends: number; checks: number; expires_at: number }
type ContenderRow = { id: string; trust: number; checks: number }

const challengeQuery = (db: D1Database, phoneNumber: string) =>
  db
    .prepare(
      `SELECT provider_ref, sends, expires_at, carried_checks
         + (SELECT count(*) FROM otp_checks WHERE otp_checks.provider_ref = otp_challenges.provider_ref) AS checks
       FROM otp_challenges WHERE phone_number = ?`,
    )
    .bind(phoneNumber)

const contendersQuery = (db: D1Database, phoneNumber: string, now: number) =>
  db
    .prepare(
      `SELECT id, trust, (SELECT count(*) FROM otp_checks WHERE verification_id = verifications.id) AS checks
       FROM verifications WHERE phone_number = ? AND created_at > ? AND expires_at > ? AND approved_at IS NULL`,
    )
    .bind(phoneNumber, now - limits.otpLifetimeSeconds * 1000, now)

const hasJustLapsed = ({ expires_at }: ChallengeRow, now: number) =>
  expires_at <= now && expires_at > now - limits.otpLapseSeconds * 1000

const toOpenCode = (challenge: ChallengeRow | undefined, contenders: ContenderRow[], now: number): OpenCode => ({
  lapsedRef: challenge && hasJustLapsed(challenge, now) ? challenge.provider_ref : null,
  challenge:
    challenge && challenge.expires_at > now
      ? {
          providerRef: challenge.provider_ref,
          sends: challenge.sends,
          checks: challenge.checks,
          expiresAt: challenge.expires_at,
        }
      : null,
  contenders: contenders.filter(({ checks }) => checks < limits.otpChecksMax),
})

/** Returns the code of a number that is open at `now`. */
export async function find(db: D1Database, phoneNumber: string, now: number): Promise<OpenCode> {
  const [challenge, contenders] = await db.batch([
    challengeQuery(db, phoneNumber),
    contendersQuery(db, phoneNumber, now),
  ])
  return toOpenCode(challenge?.results[0] as ChallengeRow, (contenders?.results ?? []) as ContenderRow[], now)
}

/** A code that was sent to a number. */
export interface SentCode {
  phoneNumber: string
  providerRef: string
  /** Checks of a new code that count as already made. */
  carriedChecks: number
  /** The code that was open when this one was sent. */
  seenRef: string | null
  /** The verification that the code was sent for. */
  verificationId: string
  sentAt: number
}

/**
 * The statement that makes a code the number's open one, unless its verification is already recorded. If another code
 * replaced the one that was seen while this one was on its way, that other code stays.
 */
export const opening = (db: D1Database, code: SentCode) =>
  db
    .prepare(
      `INSERT INTO otp_challenges (phone_number, provider_ref, sends, carried_checks, expires_at) VALUES (?, ?, 1, ?, ?)
       ON CONFLICT DO UPDATE SET
         sends = CASE WHEN provider_ref = excluded.provider_ref THEN sends + 1 ELSE 1 END,
         carried_checks = CASE WHEN provider_ref = excluded.provider_ref THEN carried_checks ELSE excluded.carried_checks END,
         expires_at = CASE WHEN provider_ref = excluded.provider_ref THEN expires_at ELSE excluded.expires_at END,
         provider_ref = excluded.provider_ref
       WHERE (provider_ref = excluded.provider_ref OR provider_ref = ? OR expires_at <= ?)
         AND NOT EXISTS (SELECT 1 FROM verifications WHERE id = ?)`,
    )
    .bind(
      ...[code.phoneNumber, code.providerRef, code.carriedChecks, code.sentAt + limits.otpLifetimeSeconds * 1000],
      ...[code.seenRef, code.sentAt, code.verificationId],
    )
