import type { Channel, OtpPurpose } from '../schemas/authentication'
import { limits } from '../src/core/limits'
import { d1WriteRetries, retry } from '../src/core/retry'
import type { SendKeys } from '../src/settings/send-keys'
import * as knownNetworks from './known-networks'
import * as openCodes from './open-codes'
import * as otpSends from './otp-sends'

/** One verification of a phone number, from the sending of a code to the session that it opened. */
export interface Verification {
  id: string
  phoneNumber: string
  channel: Channel
  purpose: OtpPurpose
  /** The user whose code it is, or null if it is for signing in. */
  userId: string | null
  /** How much was known about the requester, as `trustRank` returns it. */
  trust: number
  /** The client's own id of the request, as a keyed fingerprint. */
  requestKey: string | null
  /**
   * The provider's id of the code that the verification was opened with or, once approved, of the code that proved it.
   */
  providerRef: string | null
  /**
   * The session that success opens, and the user that it creates if the number is new. Fixed here, so that a repeated
   * success has the same result.
   */
  sessionId: string
  candidateUserId: string
  /** Epoch milliseconds. */
  createdAt: number
  expiresAt: number
  approvedAt: number | null
  /** Keyed fingerprint of the correct code. */
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

/** The statement that adds a verification, which expires with the number's open code. */
const insertion = (db: D1Database, verification: NewVerification) =>
  db
    .prepare(
      `INSERT INTO verifications (id, phone_number, channel, purpose, user_id, trust, request_key, provider_ref, session_id,
         candidate_user_id, created_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT expires_at FROM otp_challenges WHERE phone_number = ?2))
       ON CONFLICT DO UPDATE SET id = excluded.id RETURNING expires_at`,
    )
    .bind(
      verification.id,
      verification.phoneNumber,
      verification.channel,
      verification.purpose,
      verification.userId,
      verification.trust,
      verification.requestKey,
      verification.providerRef,
      verification.sessionId,
      verification.candidateUserId,
      verification.createdAt,
    )

/**
 * Records that a code was sent: it becomes the number's open one and proves this verification. Returns the time (epoch
 * milliseconds) until which the code is valid.
 */
export async function open(
  db: D1Database,
  verification: NewVerification,
  sent: Pick<openCodes.SentCode, 'carriedChecks' | 'seenRef'>,
): Promise<number> {
  const { id, phoneNumber, providerRef, createdAt } = verification
  const statements = [
    openCodes.opening(db, { ...sent, phoneNumber, providerRef, verificationId: id, sentAt: createdAt }),
    insertion(db, verification),
  ]
  // The code is on its way, so a transient failure must not lose it.
  const results = await retry(() => db.batch<{ expires_at: number }>(statements), d1WriteRetries)
  const opened = results.at(-1)?.results[0]
  if (!opened) throw new Error('A verification that was just opened is not there')
  return opened.expires_at
}

export async function find(db: D1Database, id: string): Promise<Verification | null> {
  const row = await db.prepare('SELECT * FROM verifications WHERE id = ?').bind(id).first<VerificationRow>()
  return row && toVerification(row)
}

/** Returns the verification that a request has opened, while it can be proven. */
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

/** Returns the latest verification of the number, for the same purpose, that was approved at `since` or later. */
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

/** The correct code. */
export interface ProvenCode {
  ref: string
  fingerprint: string
  keys: SendKeys
}

/**
 * Closes a verification with the correct code, closes the code with it, and records the approval for the budgets. The
 * first call wins. The provider has used up the code by now, so a transient failure is retried.
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
        otpSends.approval(db, keys, now),
        ...knownNetworks.addition(db, keys, now),
      ]),
    d1WriteRetries,
  )
