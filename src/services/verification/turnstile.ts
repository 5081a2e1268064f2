import { z } from 'zod'
import { events } from '../../core/events'
import { limits } from '../../core/limits'
import type { Config } from '../../settings/config'

const Answer = z.object({
  success: z.boolean(),
  'error-codes': z.array(z.string()).default([]),
  hostname: z.string().optional(),
  action: z.string().optional(),
})

/** Errors in the settings or in Turnstile itself, which a person cannot do anything about. */
const faults = new Set(['missing-input-secret', 'invalid-input-secret', 'bad-request', 'internal-error'])

export interface Turnstile {
  secret: string
  baseUrl: string
  /** The hosts whose pages show the widget; any host if there are none. */
  hostnames: string[]
  action: string
}

/** How tokens are checked, or null where nobody can give one. */
export const turnstileOf = (config: Config): Turnstile | null =>
  config.TURNSTILE === 'on' && config.TURNSTILE_SECRET
    ? {
        secret: config.TURNSTILE_SECRET,
        baseUrl: config.TURNSTILE_BASE_URL,
        hostnames: config.TURNSTILE_HOSTNAMES,
        action: config.TURNSTILE_ACTION,
      }
    : null

/**
 * Whether a token proves a person, according to Turnstile's siteverify. A token is valid for five minutes, once, and
 * only if it was made by our own pages for this purpose. `unavailable`: the answer could not be obtained, which does not
 * count as proof.
 */
export async function verifyTurnstile(
  turnstile: Turnstile,
  token: string,
  ip: string | undefined,
): Promise<'person' | 'refused' | 'unavailable'> {
  let status: number | undefined
  try {
    const response = await siteverify(turnstile, token, ip)
    status = response.status
    const { success, 'error-codes': errorCodes, hostname, action } = Answer.parse(await response.json())
    if (success) return isMeantForUs(turnstile, { hostname, action }) ? 'person' : 'refused'
    if (!errorCodes.some((code) => faults.has(code))) return 'refused'
    events.turnstileUnavailable({ status, errorCodes: errorCodes.filter((code) => faults.has(code)) })
  } catch (error) {
    events.turnstileUnavailable({ status, error: error instanceof Error ? error.name : 'unknown' })
  }
  return 'unavailable'
}

const siteverify = ({ secret, baseUrl }: Turnstile, token: string, ip: string | undefined) =>
  fetch(`${baseUrl.replace(/\/$/, '')}/turnstile/v0/siteverify`, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: new URLSearchParams({ secret, response: token, ...(ip && { remoteip: ip }) }),
    // The secret goes to the configured host and nowhere else.
    redirect: 'manual',
    signal: AbortSignal.timeout(limits.turnstileTimeoutMs),
  })

/** A token that a person was made to give to another page, or for another purpose, is no proof. */
function isMeantForUs(
  { hostnames, action: expected }: Turnstile,
  { hostname = '', action = '' }: { hostname: string | undefined; action: string | undefined },
): boolean {
  if (action === expected && (hostnames.length === 0 || hostnames.includes(hostname))) return true
  events.turnstileMismatch({ hostname, action })
  return false
}
