import { z } from 'zod'
import { events } from '../../core/events'
import { limits } from '../../core/limits'

const Answer = z.object({ success: z.boolean(), 'error-codes': z.array(z.string()).default([]) })

/** Errors in the settings or in Turnstile itself, which a person cannot do anything about. */
const faults = new Set(['missing-input-secret', 'invalid-input-secret', 'bad-request', 'internal-error'])

export interface Turnstile {
  secret: string
  baseUrl: string
}

/**
 * Whether a token proves a person, according to Turnstile's siteverify. A token is valid for five minutes, once.
 * `unavailable`: the answer could not be obtained, which does not count as proof.
 */
export async function verifyTurnstile(
  { secret, baseUrl }: Turnstile,
  token: string,
  ip: string | undefined,
): Promise<'person' | 'refused' | 'unavailable'> {
  let status: number | undefined
  try {
    const response = await fetch(`${baseUrl.replace(/\/$/, '')}/turnstile/v0/siteverify`, {
      method: 'POST',
      headers: { Accept: 'application/json' },
      body: new URLSearchParams({ secret, response: token, ...(ip && { remoteip: ip }) }),
      // The secret goes to the configured host and nowhere else.
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.turnstileTimeoutMs),
    })
    status = response.status
    const { success, 'error-codes': errorCodes } = Answer.parse(await response.json())
    if (success) return 'person'
    if (!errorCodes.some((code) => faults.has(code))) return 'refused'
    events.turnstileUnavailable({ status, errorCodes: errorCodes.filter((code) => faults.has(code)) })
  } catch (error) {
    events.turnstileUnavailable({ status, error: error instanceof Error ? error.name : 'unknown' })
  }
  return 'unavailable'
}
