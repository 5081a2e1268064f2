import * as openCodes from '../../../repositories/open-codes'
import * as otpSends from '../../../repositories/otp-sends'
import type { Send } from '../../../repositories/send'
import * as verifications from '../../../repositories/verifications'
import { ProblemError, problem } from '../../core/errors'
import { events } from '../../core/events'
import { mintId } from '../../core/ids'
import { limits } from '../../core/limits'
import { type TrustLevel, trustRank } from '../../settings/send-budgets'
import { keysOfRequest, sendKeys } from '../../settings/send-keys'
import { isTestNumber } from '../../settings/test-numbers'
import { admitRequest, budgetRefusal, budgetsOf, type SendAttempt } from './admission'
import { checksAvailable, planCode } from './check-allocation'
import type { VerificationContext } from './context'
import { type OtpProvider, otpProvider } from './otp-provider'
import { type Purpose, userIdOf } from './purpose'
import { repeatedRequest } from './repeated-request'
import { SendOutcomeUnknown } from './send-outcome-unknown'
import { TestOtp } from './test-otp'
import { checksLeft, nextSend, refusedUntil, toVerification } from './verification-state'

export interface CodeRequest extends Pick<SendAttempt, 'phoneNumber' | 'turnstileToken'> {
  channel: Send['channel']
  locale: string | undefined
  clientRequestId: string | undefined
}

/**
 * Sends a code and opens a verification for it. A repeat of the request returns the same verification and sends
 * nothing. A refusal sends nothing, charges no budget, and leaves nothing behind. Throws what `admitRequest` and the
 * provider throw, and `channel_unavailable`, `resend_too_soon`, and `otp_sends_exhausted`.
 */
export async function openVerification(
  context: VerificationContext,
  request: CodeRequest,
  purpose: Purpose,
  now: number,
) {
  const { config, db, edge } = context
  const { phoneNumber, channel, clientRequestId } = request
  if (!config.OTP_CHANNELS.includes(channel)) throw problem('channel_unavailable')
  const id = mintId('verification', now)
  const codeFor = { phoneNumber, purpose: purpose.purpose, userId: userIdOf(purpose) }
  const requestKeys = clientRequestId === undefined ? [] : keysOfRequest(config, { ...codeFor, clientRequestId })
  const send = { id, keys: sendKeys(config, phoneNumber, edge.ip), channel, requestKeys, now }
  const attempt = { ...request, send }
  const first = await repeatedRequest(context, attempt)
  if (first) return first

  const trust = await admitRequest(context, attempt)
  const { isCharged, recovered, availability } = await otpSends.charge(
    db,
    { ...send, trust },
    budgetsOf(config, attempt),
  )
  if (!isCharged) {
    const concurrent = await repeatedRequest(context, attempt)
    if (concurrent) return concurrent
    throw await budgetRefusal(context, attempt, trust, availability)
  }
  for (const breaker of recovered) events.otpBreakerRecovered({ breaker })
  return sendAndOpen(context, attempt, codeFor, { trust, next: nextSend(config, availability, now) })
}

/** Sends a code that the budgets were charged for, and records it. A code that was not sent is refunded. */
async function sendAndOpen(
  { config, db, url }: VerificationContext,
  attempt: SendAttempt & CodeRequest,
  codeFor: Pick<verifications.Verification, 'phoneNumber' | 'purpose' | 'userId'>,
  { trust, next }: { trust: TrustLevel; next: ReturnType<typeof nextSend> },
) {
  const { phoneNumber, channel, send } = attempt
  const { id, now } = send
  const provider = isTestNumber(config.OTP_TEST_NUMBERS, phoneNumber, now)
    ? new TestOtp(config.OTP_TEST_NUMBERS, now)
    : otpProvider(config, url)
  const own = { id, trust: trustRank(trust), checks: 0 }
  const open = await openCodes.find(db, phoneNumber, now)
  const sent = await sendCode(provider, attempt, open, own, now).catch(async (error) => {
    await (error instanceof SendOutcomeUnknown ? otpSends.markOutcomeUnknown(db, id) : otpSends.refund(db, id))
    throw withState(error, now, next, checksLeft(open))
  })
  const expiresAt = await verifications.open(
    db,
    {
      ...codeFor,
      ...{ id, channel, providerRef: sent.providerRef, trust: own.trust, createdAt: now },
      requestKey: send.requestKeys[0] ?? null,
      ...{ sessionId: mintId('session', now), candidateUserId: mintId('user', now) },
    },
    { carriedChecks: sent.checks, seenRef: open.challenge?.providerRef ?? open.lapsedRef },
  )
  events.otpSent({ verificationId: id, channel, country: send.keys.country, trust })
  const left = checksAvailable(own, open.contenders, sent.checks)
  return toVerification({ id, phoneNumber, channel, expiresAt }, { ...next, checksLeft: left })
}

/** Makes a provider's 429 state when to retry, as our own do. */
function withState(error: unknown, now: number, next: ReturnType<typeof nextSend>, left: number): unknown {
  if (!(error instanceof ProblemError)) return error
  const { code, options } = error
  if (code !== 'otp_sends_exhausted' && code !== 'resend_too_soon') return error
  const until = now + (options.retryAfterSeconds ?? 1) * 1000
  return refusedUntil(code, now, { ...next, resendAt: until, checksLeft: left })
}

const retryAt = (until: number, now: number) =>
  problem('otp_sends_exhausted', { retryAfterSeconds: Math.ceil((until - now) / 1000) })

/** Sends the open code again, or a new one. `checks` is how many checks count as made. */
async function sendCode(
  provider: OtpProvider,
  { phoneNumber, channel, locale }: CodeRequest,
  { challenge, lapsedRef, contenders }: openCodes.OpenCode,
  own: openCodes.OpenCode['contenders'][number],
  now: number,
) {
  const message = { phoneNumber, channel, ...(locale && { locale }) }
  let plan = planCode(challenge, own, contenders, now)
  if (challenge && plan.kind === 'resend') {
    try {
      const { providerRef } = await provider.send({ ...message, providerRef: challenge.providerRef })
      return { providerRef, checks: providerRef === challenge.providerRef ? challenge.checks : 0 }
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'otp_sends_exhausted') throw error
      // The provider has counted more sends than we have.
      plan = planCode({ ...challenge, sends: limits.otpSendsPerCode }, own, contenders, now)
    }
  }
  if (plan.kind === 'refuse') throw retryAt(plan.until, now)
  const staleRef = challenge?.providerRef ?? lapsedRef
  if (staleRef !== null) await provider.cancel(staleRef)
  const { providerRef } = await provider.send(message)
  return { providerRef, checks: plan.kind === 'replace' ? plan.carriedChecks : 0 }
}
