import { clientNetwork } from '../../core/client-network'
import { events } from '../../core/events'
import { limits } from '../../core/limits'
import type { VerificationContext } from './context'
import { refusedUntil } from './verification-state'

/**
 * Runs before the budgets: a network that floods one location is refused before anything is looked up. The platform
 * counts per location and approximately, so this protects the database; the budgets protect the money.
 */
export async function rateShield(limiter: RateLimit, { config, edge }: VerificationContext, now: number) {
  if (config.OTP_SHIELD === 'off') return
  const { success } = await limiter.limit({ key: clientNetwork(edge.ip) })
  if (success) return
  events.otpRefusedByLimit({ reason: 'shield' })
  const resendAt = now + limits.rateWindowSeconds * 1000
  throw refusedUntil('too_many_requests', now, { resendAt, checksLeft: null, channels: config.OTP_CHANNELS })
}
