import { clientNetwork } from '../../core/client-network'
import { events } from '../../core/events'
import { limits } from '../../core/limits'
import type { Desk } from './context'
import { refusedUntil } from './verification-state'

/**
 * Stands in front of the budgets: a network that floods one location is refused before anything is looked up. The
 * platform counts per location and about, so this protects the base, and the budgets the money.
 */
export async function shield(limiter: RateLimit, { config, edge }: Desk, now: number) {
  if (config.OTP_SHIELD === 'off') return
  const { success } = await limiter.limit({ key: clientNetwork(edge.ip) })
  if (success) return
  events.otpRefusedByLimit({ reason: 'shield' })
  const resendAt = now + limits.shieldSeconds * 1000
  throw refusedUntil('too_many_requests', now, { resendAt, checksLeft: null, channels: config.OTP_CHANNELS })
}
