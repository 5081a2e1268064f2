import { z } from 'zod'
import { type ProblemCode, type ProblemError, problem } from '../../core/errors'
import { events } from '../../core/events'
import { limits } from '../../core/limits'
import type { Config } from '../../settings/config'
import { SendOutcomeUnknown } from './send-outcome-unknown'

type TwilioConfig = Extract<Config, { OTP_PROVIDER: 'twilio' }>
type Answer<T> =
  | { kind: 'done'; body: T }
  | { kind: 'refused'; status: number; providerCode: number }
  | { kind: 'none'; status: number | undefined; error: string }

const Sent = z.object({ sid: z.string().regex(/^VE[0-9a-fA-F]{32}$/) })
const Checked = z.object({ status: z.string() })
const Refusal = z.object({ code: z.number().int() })

const invalidParameter = 60200
const maxChecksReached = 60202

/** Twilio's error codes that concern the requested number. Any other code is an error in Twilio or in the settings. */
const sendRefusals: Record<number, { code: ProblemCode; retryAfterSeconds?: number }> = {
  [invalidParameter]: { code: 'phone_number_invalid' },
  21608: { code: 'phone_number_refused' }, // a trial account sends only to its own numbers
  60205: { code: 'phone_number_refused' }, // no SMS to a landline
  60220: { code: 'phone_number_refused' }, // China, without vetting
  60223: { code: 'phone_number_refused' }, // the channel is disabled
  60238: { code: 'phone_number_refused' }, // an embargoed country, or an account under review
  60410: { code: 'phone_number_refused' }, // Fraud Guard blocks the prefix
  60605: { code: 'phone_number_refused' }, // geographic permissions
  60212: { code: 'resend_too_soon', retryAfterSeconds: limits.otpCooldownSeconds[0] },
  // Both last until the open verification expires.
  [maxChecksReached]: { code: 'otp_sends_exhausted', retryAfterSeconds: limits.otpLifetimeSeconds },
  60203: { code: 'otp_sends_exhausted', retryAfterSeconds: limits.otpLifetimeSeconds },
}

/**
 * Logs only numeric codes and the name of an error, because Twilio's texts contain phone numbers and SIDs, and an
 * error's text might too.
 */
function unavailable(
  { status, providerCode, error }: { status?: number | undefined; providerCode?: number; error?: string },
  thrown: ProblemError = problem('otp_provider_unavailable'),
) {
  events.otpProviderUnavailable({ status, providerCode, error })
  return thrown
}

/** Twilio took the request but did not respond in time, or called it a success in a response that cannot be read. */
const mayHaveSent = ({ status, error }: { status: number | undefined; error: string }) =>
  error === 'TimeoutError' || (status !== undefined && status < 300)

/**
 * Twilio Verify v2. `providerRef` is the SID of its verification, which stays the same while a number's code is open.
 */
export class TwilioVerify {
  readonly #serviceUrl: string
  readonly #authorization: string
  readonly #timeoutMs: number

  constructor(config: TwilioConfig, { timeoutMs = limits.otpProviderTimeoutMs }: { timeoutMs?: number } = {}) {
    const base = config.TWILIO_BASE_URL.replace(/\/$/, '')
    this.#serviceUrl = `${base}/v2/Services/${encodeURIComponent(config.TWILIO_VERIFY_SERVICE_SID)}`
    this.#authorization = `Basic ${btoa(`${config.TWILIO_ACCOUNT_SID}:${config.TWILIO_AUTH_TOKEN}`)}`
    this.#timeoutMs = timeoutMs
  }

  async send({ phoneNumber, channel, locale }: { phoneNumber: string; channel: string; locale?: string }) {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const form = { To: phoneNumber, Channel: channel }
    const post = (fields: Record<string, string>) => this.#post('Verifications', fields, Sent, signal)
    let answer = await post(locale ? { ...form, Locale: locale } : form)
    // Twilio returns a 404 for a language that it has no text in, and advises asking again without one.
    if (locale && answer.kind === 'refused' && (answer.status === 404 || answer.providerCode === invalidParameter))
      answer = await post(form)
    if (answer.kind === 'done') return { providerRef: answer.body.sid }
    if (answer.kind === 'none' && mayHaveSent(answer)) throw unavailable(answer, new SendOutcomeUnknown())
    if (answer.kind === 'none') throw unavailable(answer)
    const { status, providerCode } = answer
    const refusal = sendRefusals[providerCode]
    if (!refusal) throw unavailable({ status, providerCode })
    const { code, ...options } = refusal
    // An operator can lift most of these.
    if (code === 'phone_number_refused') events.otpSendRefused({ status, providerCode })
    throw problem(code, options)
  }

  async cancel(providerRef: string) {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const answer = await this.#post(`Verifications/${providerRef}`, { Status: 'canceled' }, Sent, signal)
    // Twilio deletes verifications that were approved or canceled, or that have expired.
    if (answer.kind === 'done' || (answer.kind === 'refused' && answer.status === 404)) return
    throw unavailable(answer)
  }

  async check({ providerRef, code }: { providerRef: string; code: string }) {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const form = { VerificationSid: providerRef, Code: code }
    const answer = await this.#post('VerificationCheck', form, Checked, signal)
    if (answer.kind === 'done') return outcomeOf(answer.body.status)
    if (answer.kind === 'none') throw unavailable(answer)
    const { status, providerCode } = answer
    if (status === 404) return 'closed'
    if (providerCode === invalidParameter) return 'wrong'
    if (providerCode === maxChecksReached) return 'locked'
    throw unavailable(answer)
  }

  async #post<T>(
    resource: string,
    form: Record<string, string>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    let status: number | undefined
    try {
      const response = await fetch(`${this.#serviceUrl}/${resource}`, {
        method: 'POST',
        headers: { Authorization: this.#authorization, Accept: 'application/json' },
        body: new URLSearchParams(form),
        // The credentials go to the configured host and nowhere else.
        redirect: 'manual',
        signal,
      })
      status = response.status
      const body: unknown = await response.json()
      if (response.ok) return { kind: 'done', body: schema.parse(body) }
      return { kind: 'refused', status, providerCode: Refusal.parse(body).code }
    } catch (error) {
      return { kind: 'none', status, error: error instanceof Error ? error.name : 'unknown' }
    }
  }
}

function outcomeOf(status: string) {
  if (status === 'approved') return 'approved'
  if (status === 'pending') return 'wrong'
  return status === 'max_attempts_reached' ? 'locked' : 'closed'
}
