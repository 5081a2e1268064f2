import type { OpenCode } from '../../../repositories/open-codes'
import type { SendAvailability } from '../../../repositories/send-availability'
import type { Verification as StoredVerification } from '../../../repositories/verifications'
import type { Channel, Verification } from '../../../schemas/authentication'
import { problem } from '../../core/errors'
import { toTimestamp } from '../../core/timestamp'
import type { Config } from '../../settings/config'
import { checksAvailable } from './check-allocation'

/** What delays the next code: until when, and over which channels it can be sent. */
export function nextSend(config: Config, { cooldownUntil, budgets }: SendAvailability, now: number) {
  const { callsPerDay, ...others } = budgets
  const channels = config.OTP_CHANNELS.filter((channel) => channel !== 'call' || callsPerDay === undefined)
  const times = [
    now,
    cooldownUntil ?? now,
    ...Object.values(others),
    ...(channels.length === 0 ? [callsPerDay ?? now] : []),
  ]
  return { resendAt: Math.max(...times), channels }
}

/** The state on the wire. */
export const toOtpState = <Left extends number | null>(state: {
  resendAt: number
  checksLeft: Left
  channels: Channel[]
}) => ({ ...state, resendAt: toTimestamp(state.resendAt) })

/** A verification on the wire, with the state of its number. */
export const toVerification = (
  { id, phoneNumber, channel, expiresAt }: Pick<StoredVerification, 'id' | 'phoneNumber' | 'channel' | 'expiresAt'>,
  state: ReturnType<typeof nextSend> & { checksLeft: number },
): Verification => ({
  ...{ verificationId: id, phoneNumber, channel, expiresAt: toTimestamp(expiresAt) },
  ...toOtpState(state),
})

/** How many codes can still be tried against a number's open code, by the verification that can try the most. */
export function checksLeft({ challenge, contenders }: OpenCode): number {
  if (!challenge) return 0
  const left = contenders.map((own) =>
    checksAvailable(
      own,
      contenders.filter((other) => other !== own),
      challenge.checks,
    ),
  )
  return Math.max(0, ...left)
}

/**
 * Returns a 429 that says when the next code can be requested, and what the open one is still good for. `retryAt` is
 * when this request would succeed, if the next code can be sent sooner over another channel.
 */
export function refusedUntil(
  code: 'resend_too_soon' | 'otp_sends_exhausted' | 'too_many_requests',
  now: number,
  state: { resendAt: number; checksLeft: number | null; channels: Channel[] },
  retryAt = state.resendAt,
) {
  return problem(code, {
    retryAfterSeconds: Math.max(1, Math.ceil((retryAt - now) / 1000)),
    members: toOtpState(state),
  })
}
