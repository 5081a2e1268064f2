import { limits } from '../src/core/limits'
import { d1WriteRetries, retry } from '../src/core/retry'
import type { OpenCode } from './open-codes'
import type { Verification } from './verifications'

/**
 * Takes a check of the number's open code for a verification. Returns false if the open code has changed since it was
 * seen.
 */
export async function take(
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

/**
 * Takes a check of a code that another verification used a moment ago. Returns false if this verification or the code
 * has no checks left.
 */
export async function takeOfUsedCode(
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

/** Refunds a check that the provider could not carry out. */
export const refund = (db: D1Database, id: string) =>
  retry(() => db.prepare('DELETE FROM otp_checks WHERE id = ?').bind(id).run(), d1WriteRetries)

/**
 * Whether the code of a proven verification can be tried again. A wrong code takes a check. Calls are counted in the
 * order in which they arrive, so that at most `otpChecksMax` of them learn whether they were right.
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
