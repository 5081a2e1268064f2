import * as otpSends from '../../../repositories/otp-sends'
import * as verifications from '../../../repositories/verifications'
import { ProblemError, problem } from '../../core/errors'
import { events } from '../../core/events'
import { mintId } from '../../core/ids'
import { limits } from '../../core/limits'
import { type Trust, trustLevel } from '../../settings/send-budgets'
import { keysOfRequest, sendKeys } from '../../settings/send-keys'
import { isTestNumber, TestOtp } from '../../settings/test-numbers'
import { type Asked, admit, budgetsOf, refusal } from './admission'
import { checksAvailable, nextCode } from './check-allocation'
import type { Desk } from './context'
import { type OtpProvider, otpProvider } from './otp-provider'
import { type Purpose, userIdOf } from './purpose'
import { openedBefore } from './repeated-request'
import { SendInDoubt } from './send-outcome-unknown'
import { checksLeft, nextSend, refusedUntil, toVerification } from './verification-state'

export interface CodeRequest extends Pick<Asked, 'phoneNumber' | 'turnstileToken'> {
  channel: otpSends.Send['channel']
  locale: string | undefined
  clientRequestId: string | undefined
}

/**
 * Sends a code and opens a verification for it; a repeat of the request answers with the same one and sends nothing. A
 * refusal sends nothing, takes from no budget, and leaves nothing behind. Throws what `admit` does, `channel_unavailable`, `resend_too_soon`, `otp_sends_exhausted`, and what a provider does.
 */
export async function openVerification(desk: Desk, request: CodeRequest, purpose: Purpose, now: number) {
  const { config, db, edge } = desk
  const { phoneNumber, channel, clientRequestId } = request
  if (!config.OTP_CHANNELS.includes(channel)) throw problem('channel_unavailable')
  const id = mintId('verification', now)
  const codeFor = { phoneNumber, purpose: purpose.purpose, userId: userIdOf(purpose) }
  const requestKeys = clientRequestId === undefined ? [] : keysOfRequest(config, { ...codeFor, clientRequestId })
  const send = { id, keys: sendKeys(config, phoneNumber, edge.ip), channel, requestKeys, now }
  const asked = { ...request, edge, send }
  const first = await openedBefore(desk, asked)
  if (first) return first

  const trust = await admit(config, db, asked)
  const { isTaken, recovered, room } = await otpSends.take(db, { ...send, trust }, budgetsOf(config, asked))
  if (!isTaken) {
    const twin = await openedBefore(desk, asked)
    if (twin) return twin
    throw await refusal(config, db, asked, trust, room)
  }
  for (const breaker of recovered) events.otpBreakerRecovered({ breaker })
  return sendAndOpen(desk, asked, codeFor, { trust, next: nextSend(config, room, now) })
}

/** Sends a code that the budgets have let through, and records it; what was not sent is given back to them. */
async function sendAndOpen(
  { config, db, url }: Desk,
  asked: Asked & CodeRequest,
  codeFor: Pick<verifications.Verification, 'phoneNumber' | 'purpose' | 'userId'>,
  { trust, next }: { trust: Trust; next: ReturnType<typeof nextSend> },
) {
  const { phoneNumber, channel, send } = asked
  const { id, now } = send
  const provider = isTestNumber(config.OTP_TEST_NUMBERS, phoneNumber, now)
    ? new TestOtp(config.OTP_TEST_NUMBERS, now)
    : otpProvider(config, url)
  const own = { id, trust: trustLevel(trust), checks: 0 }
  const open = await verifications.openCode(db, phoneNumber, now)
  const sent = await sendCode(provider, asked, open, own, now).catch(async (error) => {
    await (error instanceof SendInDoubt ? otpSends.doubt(db, id) : otpSends.giveBack(db, id))
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

/** A provider's 429 says when as ours do. */
function withState(error: unknown, now: number, next: ReturnType<typeof nextSend>, left: number): unknown {
  if (!(error instanceof ProblemError)) return error
  const { code, options } = error
  if (code !== 'otp_sends_exhausted' && code !== 'resend_too_soon') return error
  const until = now + (options.retryAfterSeconds ?? 1) * 1000
  return refusedUntil(code, now, { ...next, resendAt: until, checksLeft: left })
}

const heldUntil = (until: number, now: number) =>
  problem('otp_sends_exhausted', { retryAfterSeconds: Math.ceil((until - now) / 1000) })

/** Sends the code that is open again, or a new one. `checks` is how many are counted as made. */
async function sendCode(
  provider: OtpProvider,
  { phoneNumber, channel, locale }: CodeRequest,
  { challenge, lapsedRef, contenders }: verifications.OpenCode,
  own: verifications.OpenCode['contenders'][number],
  now: number,
) {
  const message = { phoneNumber, channel, ...(locale && { locale }) }
  let plan = nextCode(challenge, own, contenders, now)
  if (challenge && plan.kind === 'again') {
    try {
      const { providerRef } = await provider.send({ ...message, providerRef: challenge.providerRef })
      return { providerRef, checks: providerRef === challenge.providerRef ? challenge.checks : 0 }
    } catch (error) {
      if (!(error instanceof ProblemError) || error.code !== 'otp_sends_exhausted') throw error
      // The provider counts more than we do: there it is sent up.
      plan = nextCode({ ...challenge, sends: limits.otpSendsPerCode }, own, contenders, now)
    }
  }
  if (plan.kind === 'refuse') throw heldUntil(plan.until, now)
  const staleRef = challenge?.providerRef ?? lapsedRef
  if (staleRef !== null) await provider.cancel(staleRef)
  const { providerRef } = await provider.send(message)
  return { providerRef, checks: plan.kind === 'anew' ? plan.carriedChecks : 0 }
}
