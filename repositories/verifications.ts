import type { Channel, OtpPurpose } from '../schemas/authentication'
import { firstIdAt } from '../src/core/ids'
import { limits } from '../src/core/limits'
import { d1WriteRetries, retry } from '../src/core/retry'
import type { SendKeys } from '../src/settings/send-keys'
import * as otpSends from './otp-sends'

/** One verification of a phone number: from the sending of a code to the session it opened. */
export interface Verification {
  id: string
  phoneNumber: string
  channel: Channel
  purpose: OtpPurpose
  /** Whose code it is; null when it is for signing in. */
  userId: string | null
  /** How much was known of who asked, as `trustRank` has it. */
  trust: number
  /** The client's own id of the request, as a keyed fingerprint. */
  requestKey: string | null
  /** The provider's name for the code it was opened with. */
  providerRef: string | null
  /** The session that success opens, and the user that it makes when the number is new: fixed here, so that a repeated success is the same. */
  sessionId: string
  candidateUserId: string
  /** Epoch milliseconds. */
  createdAt: number
  expiresAt: number
  approvedAt: number | null
  /** Keyed fingerprint of the code that was right. */
  codeFingerprint: string | null
}

type VerificationRow = {
  id: string
  phone_number: string
  channel: Channel
  purpose: OtpPurpose
  user_id: string | null
  trust: number
  request_key: string | null
  provider_ref: string | null
  session_id: string
  candidate_user_id: string
  created_at: number
  expires_at: number
  approved_at: number | null
  code_fingerprint: string | null
}

const toVerification = (row: VerificationRow): Verification => ({
  id: row.id,
  phoneNumber: row.phone_number,
  channel: row.channel,
  purpose: row.purpose,
  userId: row.user_id,
  trust: row.trust,
  requestKey: row.request_key,
  providerRef: row.provider_ref,
  sessionId: row.session_id,
  candidateUserId: row.candidate_user_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  approvedAt: row.approved_at,
  codeFingerprint: row.code_fingerprint,
})

export type NewVerification = Omit<Verification, 'providerRef' | 'expiresAt' | 'approvedAt' | 'codeFingerprint'> & {
  providerRef: string
}

/** The provider's open verification of a number. */
export interface Challenge {
  providerRef: string
  /** How often its code was sent. */
  sends: number
  /** Codes that were tried, by all verifications together. */
  checks: number
  /** Epoch milliseconds. */
  expiresAt: number
}

/** The provider's open verification of a number, and ours that it can prove. */
export interface OpenCode {
  challenge: Challenge | null
  /** The provider's name for a code that was open until a moment ago, and may still be where it counts. */
  lapsedRef: string | null
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

/** The code of a number that is open at `now`. */
export async function openCode(db: D1Database, phoneNumber: string, now: number): Promise<OpenCode> {
  const [challenge, contenders] = await db.batch([
    challengeQuery(db, phoneNumber),
    contendersQuery(db, phoneNumber, now),
  ])
  return toOpenCode(challenge?.results[0] as ChallengeRow, (contenders?.results ?? []) as ContenderRow[], now)
}

/**
 * Records that a code was sent: it is the number's open one, and proves this verification. Of a new code, `carriedChecks`
 * count as made. Where another took the place of the code that was seen while this one was on its way, that one stays.
 * Answers with the time (epoch milliseconds) until which the code is good.
 */
export async function open(
  db: D1Database,
  verification: NewVerification,
  sent: { carriedChecks: number; seenRef: string | null },
): Promise<number> {
  const { phoneNumber, providerRef, createdAt } = verification
  const outdated = [
    firstIdAt('verification', createdAt - limits.otpRecordSeconds * 1000),
    limits.otpRowsPurgedAtOnce,
  ] as const
  const statements = [
    db.prepare('DELETE FROM otp_checks WHERE id IN (SELECT id FROM otp_checks WHERE id < ? LIMIT ?)').bind(...outdated),
    db
      .prepare('DELETE FROM verifications WHERE id IN (SELECT id FROM verifications WHERE id < ? LIMIT ?)')
      .bind(...outdated),
    db
      .prepare(
        `DELETE FROM otp_challenges WHERE phone_number IN (
           SELECT phone_number FROM otp_challenges WHERE expires_at < ? LIMIT ?)`,
      )
      .bind(createdAt - limits.otpLifetimeSeconds * 1000, limits.otpRowsPurgedAtOnce),
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
        ...[phoneNumber, providerRef, sent.carriedChecks, createdAt + limits.otpLifetimeSeconds * 1000],
        ...[sent.seenRef, createdAt, verification.id],
      ),
    db
      .prepare(
        `INSERT INTO verifications (id, phone_number, channel, purpose, user_id, trust, request_key, provider_ref, session_id,
           candidate_user_id, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT expires_at FROM otp_challenges WHERE phone_number = ?2))
         ON CONFLICT DO UPDATE SET id = excluded.id RETURNING expires_at`,
      )
      .bind(
        verification.id,
        phoneNumber,
        verification.channel,
        verification.purpose,
        verification.userId,
        verification.trust,
        verification.requestKey,
        providerRef,
        verification.sessionId,
        verification.candidateUserId,
        createdAt,
      ),
  ]
  // The code is on its way, so a passing fault is not the end of it.
  const results = await retry(() => db.batch<{ expires_at: number }>(statements), d1WriteRetries)
  const opened = results.at(-1)?.results[0]
  if (!opened) throw new Error('A verification that was just opened is not there')
  return opened.expires_at
}

export async function find(db: D1Database, id: string): Promise<Verification | null> {
  const row = await db.prepare('SELECT * FROM verifications WHERE id = ?').bind(id).first<VerificationRow>()
  return row && toVerification(row)
}

/** The verification that a request has opened, while it can be proven. */
export async function findOpened(
  db: D1Database,
  phoneNumber: string,
  requestKeys: string[],
  now: number,
): Promise<Verification | null> {
  const row = await db
    .prepare(
      `SELECT * FROM verifications WHERE phone_number = ? AND created_at > ?
         AND request_key IN (SELECT value FROM json_each(?)) AND approved_at IS NULL AND expires_at > ?`,
    )
    .bind(phoneNumber, now - limits.otpLifetimeSeconds * 1000, JSON.stringify(requestKeys), now)
    .first<VerificationRow>()
  return row && toVerification(row)
}

/**
 * Takes a check of the number's open code for a verification, if nothing has happened to the code since it was looked at;
 * false when it has.
 */
export async function takeCheck(
  db: D1Database,
  check: { id: string; verification: Verification; seen: OpenCode },
  now: number,
): Promise<boolean> {
  const { id, verification, seen } = check
  const { meta } = await db
    .prepare(
      `INSERT INTO otp_checks (id, verification_id, provider_ref)
       SELECT ?1, ?2, provider_ref FROM otp_challenges WHERE phone_number = ?3 AND provider_ref = ?4
         AND carried_checks + (SELECT count(*) FROM otp_checks WHERE otp_checks.provider_ref = ?4) = ?5
         AND (SELECT count(*) FROM verifications WHERE phone_number = ?3 AND approved_at IS NULL AND expires_at > ?6
           AND (SELECT count(*) FROM otp_checks WHERE verification_id = verifications.id) < ?7) = ?8`,
    )
    .bind(
      id,
      verification.id,
      verification.phoneNumber,
      seen.challenge?.providerRef ?? '',
      seen.challenge?.checks ?? 0,
      now,
      limits.otpChecksMax,
      seen.contenders.length,
    )
    .run()
  return meta.changes > 0
}

/** Takes a check of a code that was used a moment ago, by another verification; false when this one or the code has none left. */
export async function takeCheckOfUsedCode(
  db: D1Database,
  id: string,
  { id: verificationId }: Verification,
  { providerRef }: Verification,
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `INSERT INTO otp_checks (id, verification_id, provider_ref)
       SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM otp_checks WHERE verification_id = ?2) < ?4
         AND (SELECT count(*) FROM otp_checks WHERE provider_ref = ?3) < ?4`,
    )
    .bind(id, verificationId, providerRef, limits.otpChecksMax)
    .run()
  return meta.changes > 0
}

/** Gives a check back that the provider could not carry out. */
export const returnCheck = (db: D1Database, id: string) =>
  retry(() => db.prepare('DELETE FROM otp_checks WHERE id = ?').bind(id).run(), d1WriteRetries)

/**
 * Takes a try of the code that has proven a verification, when it was wrong; whether there are tries left. Calls are
 * counted in the order in which they come, so that no more than these are told whether they were right.
 */
export async function mayRepeatCode(
  db: D1Database,
  { id, verification, isRight }: { id: string; verification: Verification; isRight: boolean },
): Promise<boolean> {
  const tried = '(SELECT count(*) FROM otp_checks WHERE provider_ref = ?1)'
  if (isRight) {
    const row = await db.prepare(`SELECT ${tried} AS tried`).bind(verification.id).first<{ tried: number }>()
    return (row?.tried ?? 0) < limits.otpChecksMax
  }
  const { meta } = await db
    .prepare(`INSERT INTO otp_checks (id, verification_id, provider_ref) SELECT ?2, ?1, ?1 WHERE ${tried} < ?3`)
    .bind(verification.id, id, limits.otpChecksMax)
    .run()
  return meta.changes > 0
}

/** The code that was right. */
export interface ProvenCode {
  ref: string
  fingerprint: string
  keys: SendKeys
}

/**
 * Closes a verification with the code that was right, and the code with it, and notes it for the budgets; the first to do
 * so wins. The provider has used the code up by now, so a passing fault is not the end of it.
 */
export const approve = (
  db: D1Database,
  { id, phoneNumber }: Verification,
  { ref, fingerprint, keys }: ProvenCode,
  now: number,
) =>
  retry(
    () =>
      db.batch([
        db
          .prepare(
            'UPDATE verifications SET approved_at = ?, code_fingerprint = ?, provider_ref = ? WHERE id = ? AND approved_at IS NULL',
          )
          .bind(now, fingerprint, ref, id),
        db.prepare('DELETE FROM otp_challenges WHERE phone_number = ? AND provider_ref = ?').bind(phoneNumber, ref),
        ...otpSends.approvalStatements(db, keys, now),
      ]),
    d1WriteRetries,
  )

/** Another verification of the number that the same code has proven, at `since` or later. */
export async function findApproved(
  db: D1Database,
  { phoneNumber, purpose }: Verification,
  since: number,
): Promise<Verification | null> {
  const row = await db
    .prepare(
      `SELECT * FROM verifications WHERE phone_number = ? AND purpose = ? AND approved_at >= ?
       ORDER BY approved_at DESC LIMIT 1`,
    )
    .bind(phoneNumber, purpose, since)
    .first<VerificationRow>()
  return row && toVerification(row)
}
