import * as openCodes from '../../../repositories/open-codes'
import * as otpChecks from '../../../repositories/otp-checks'
import type { Verification } from '../../../repositories/verifications'
import * as verifications from '../../../repositories/verifications'
import { type ProblemCode, problem } from '../../core/errors'
import { events } from '../../core/events'
import { mintId } from '../../core/ids'
import { limits } from '../../core/limits'
import { poll } from '../../core/retry'
import type { Config } from '../../settings/config'
import { sendKeys } from '../../settings/send-keys'
import { sign, verifySignature } from '../../settings/signing'
import { checksAvailable } from './check-allocation'
import type { VerificationContext } from './context'
import { otpProvider } from './otp-provider'
import { type Purpose, userIdOf } from './purpose'
import { TestOtp } from './test-otp'

interface SubmittedCode {
  verificationId: string
  code: string
}

// Time for a concurrent call with the same code to record that the code was correct.
const concurrentCallWait = { looks: 8, pauseMs: 250 }
// At most five checks are made per code, so no more than these can come between looking and taking.
const takesMax = 2 * limits.otpChecksMax + 1

function refuse(code: ProblemCode, { id }: Verification) {
  events.otpCheckRefused({ verificationId: id, reason: code })
  return problem(code)
}

const expire = (verification: Verification): never => {
  throw refuse('otp_expired', verification)
}

/**
 * Proves a verification by its code, once. The same code proves it again for one minute, so that a lost reply does no
 * harm. Any verification of a number is proven by the code that was sent to the number last. Throws
 * `verification_not_found` (also for a verification of another purpose or user), `otp_wrong`, `otp_expired`,
 * `otp_used`, or `otp_locked`.
 */
export async function proveVerification(
  context: VerificationContext,
  given: SubmittedCode,
  expected: Purpose,
): Promise<Verification> {
  const { db, config } = context
  const now = Date.now()
  const verification = await verifications.find(db, given.verificationId)
  if (verification?.purpose !== expected.purpose || verification.userId !== userIdOf(expected))
    throw problem('verification_not_found')
  if (verification.approvedAt !== null) return repeatedProof(context, verification, given.code, now)
  if (verification.expiresAt <= now) throw refuse('otp_expired', verification)
  const taken = await takeCheck(db, verification, now)
  if (!taken) return (await usedByConcurrentCall(context, verification, given.code, now)) ?? expire(verification)

  const { checkId, providerRef } = taken
  const { phoneNumber } = verification
  const provider = TestOtp.isTestRef(providerRef)
    ? new TestOtp(config.OTP_TEST_NUMBERS, now)
    : otpProvider(config, context.url)
  const result = await provider.check({ providerRef, phoneNumber, code: given.code }).catch(async (error) => {
    await otpChecks.refund(db, checkId)
    throw error
  })
  if (result === 'wrong') throw refuse('otp_wrong', verification)
  if (result === 'locked') throw refuse('otp_locked', verification)
  if (result === 'closed')
    return (await closedByConcurrentCall(context, verification, given.code, now)) ?? expire(verification)
  return approve(context, verification, { ref: providerRef, digits: given.code })
}

/**
 * Takes one of the checks of the number's open code, whatever else happens to the code in the meantime. Returns null if
 * no code is open.
 */
async function takeCheck(db: D1Database, verification: Verification, now: number) {
  for (let take = 1; take <= takesMax; take++) {
    const seen = await openCodes.find(db, verification.phoneNumber, now)
    if (!seen.challenge) return null
    const own = seen.contenders.find(({ id }) => id === verification.id)
    const others = seen.contenders.filter((one) => one !== own)
    if (!own || checksAvailable(own, others, seen.challenge.checks) === 0) throw refuse('otp_locked', verification)
    const checkId = mintId('verification', now)
    if (await otpChecks.take(db, { id: checkId, verification, seen }, now))
      return { checkId, providerRef: seen.challenge.providerRef }
  }
  throw problem('service_unavailable')
}

const provenText = (verification: Verification, code: string) => `${verification.id}.${code}`
const fingerprintOf = (config: Config, verification: Verification, code: string) =>
  sign(config, 'otp-code', provenText(verification, code))

async function approve(
  { db, config, edge }: VerificationContext,
  verification: Verification,
  code: { ref: string; digits: string },
) {
  const now = Date.now()
  const fingerprint = fingerprintOf(config, verification, code.digits)
  const keys = sendKeys(config, verification.phoneNumber, edge.ip)
  await verifications.approve(db, verification, { ref: code.ref, fingerprint, keys }, now)
  events.otpApproved({ verificationId: verification.id })
  return verification
}

async function repeatedProof(
  { db, config }: VerificationContext,
  verification: Verification,
  code: string,
  now: number,
) {
  if (now - (verification.approvedAt ?? 0) > limits.otpRepeatSeconds * 1000) throw refuse('otp_used', verification)
  const isRight = verifySignature(
    config,
    'otp-code',
    provenText(verification, code),
    verification.codeFingerprint ?? '',
  )
  const id = mintId('verification', now)
  if (!(await otpChecks.mayRepeatCode(db, { id, verification, isRight })) || !isRight)
    throw refuse('otp_used', verification)
  return verification
}

/**
 * For a code that is no longer open. Perhaps a concurrent call used it a moment ago, for the same verification or for
 * another one of the number: a code is valid once, and for concurrent calls.
 */
async function usedByConcurrentCall(
  context: VerificationContext,
  verification: Verification,
  code: string,
  since: number,
) {
  const { db, config } = context
  const [own, other] = await Promise.all([
    verifications.find(db, verification.id),
    verifications.findApproved(db, verification, since - limits.otpConcurrentSeconds * 1000),
  ])
  if (own && own.approvedAt !== null) return repeatedProof(context, own, code, Date.now())
  if (!other) return null
  // Comparing with a code that has proven another verification costs a check, as with the open code; otherwise it would
  // allow guessing.
  if (!(await otpChecks.takeOfUsedCode(db, mintId('verification', since), verification, other)))
    throw refuse('otp_locked', verification)
  if (!verifySignature(config, 'otp-code', provenText(other, code), other.codeFingerprint ?? ''))
    return expire(verification)
  return approve(context, verification, { ref: other.providerRef ?? '', digits: code })
}

/**
 * For a code that the provider has closed, perhaps for a concurrent call that has yet to record that the code was
 * correct.
 */
const closedByConcurrentCall = (
  context: VerificationContext,
  verification: Verification,
  code: string,
  since: number,
) => poll(async () => (await usedByConcurrentCall(context, verification, code, since)) ?? 'pending', concurrentCallWait)
