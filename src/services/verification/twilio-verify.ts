import { z } from 'zod'
import { type ProblemCode, type ProblemError, problem } from '../../core/errors'
import { events } from '../../core/events'
import { limits } from '../../core/limits'
import type { Config } from '../../settings/config'
import { SendOutcomeUnknown } from './send-outcome-unknown'

type TwilioConfig = Extract<Config, { OTP_PROVIDER: 'twilio' }>
type Answer<T> =
  | { kind: 'done'; body: T }
  | { kind: 'refused'; status: number; providerCode: number | undefined }
  | { kind: 'none'; status: number | undefined; error: string }

const Sent = z.object({ sid: z.string().regex(/^VE[0-9a-fA-F]{32}$/) })
const Checked = z.object({ status: z.string() })
const Refusal = z.object({ code: z.number().int() })

const invalidParameter = 60200
const maxChecksReached = 60202

/** Twilio's error codes that mean something else than that this number is not sent a code. */
const sendRefusals: Record<number, { code: ProblemCode; retryAfterSeconds?: number }> = {
  [invalidParameter]: { code: 'phone_number_invalid' },
  60006: { code: 'phone_number_invalid' }, // well-formed, but nobody's
  60033: { code: 'phone_number_invalid' },
  21211: { code: 'phone_number_invalid' },
  60212: { code: 'resend_too_soon', retryAfterSeconds: limits.otpCooldownSeconds[0] },
  // Both last until the open verification expires.
  [maxChecksReached]: { code: 'otp_sends_exhausted', retryAfterSeconds: limits.otpLifetimeSeconds },
  60203: { code: 'otp_sends_exhausted', retryAfterSeconds: limits.otpLifetimeSeconds },
}

/**
 * Whether a refusal concerns this request: nobody's waiting helps, and other numbers get their codes. It does not if it
 * comes from too many requests, or from the account or its settings, whose codes begin with 20.
 */
const isOfRequest = ({ status, providerCode }: { status: number; providerCode: number | undefined }) =>
  status >= 400 &&
  status < 500 &&
  ![401, 404, 407, 408, 425, 429].includes(status) &&
  Math.floor((providerCode ?? 0) / 1000) !== 20

/**
 * Logs only numeric codes and the name of an error, because Twilio's texts contain phone numbers and SIDs, and an
 * error's text might too.
 */
function unavailable(
  { status, providerCode, error }: { status?: number | undefined; providerCode?: number | undefined; error?: string },
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
    const locales = spokenLocales(locale)
    let answer = await post({ ...form, ...(locales[0] && { Locale: locales[0] }) })
    // Twilio returns a 404 for a language that it has no text in, and advises asking again without one.
    for (const next of locales.length > 0 ? [...locales.slice(1), ''] : [])
      if (answer.kind === 'refused' && (answer.status === 404 || answer.providerCode === invalidParameter))
        answer = await post({ ...form, ...(next && { Locale: next }) })
    if (answer.kind === 'done') return { providerRef: answer.body.sid }
    if (answer.kind === 'none' && mayHaveSent(answer)) throw unavailable(answer, new SendOutcomeUnknown())
    if (answer.kind === 'none') throw unavailable(answer)
    const { status, providerCode } = answer
    const { code, ...options } = sendRefusals[providerCode ?? 0] ?? { code: 'phone_number_refused' }
    if (code !== 'phone_number_refused') throw problem(code, options)
    if (!isOfRequest(answer)) throw unavailable(answer)
    // An operator can lift most of these: landlines, embargoes, geographic permissions, Fraud Guard, trial accounts.
    events.otpSendRefused({ status, providerCode })
    throw problem(code)
  }

  async cancel(providerRef: string) {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const answer = await this.#post(`Verifications/${providerRef}`, { Status: 'canceled' }, Sent, signal)
    // Twilio deletes verifications that were approved or canceled, or that have expired.
    if (answer.kind === 'done' || (answer.kind === 'refused' && (answer.status === 404 || isOfRequest(answer)))) return
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
    if (providerCode === maxChecksReached) return 'locked'
    if (isOfRequest(answer)) return 'wrong'
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
      // Whoever refused, a status of 4xx says that it would again; its text may be for people.
      const isRefused = status >= 400 && status < 500
      const body: unknown = await (isRefused ? response.json().catch(() => null) : response.json())
      if (response.ok) return { kind: 'done', body: schema.parse(body) }
      return { kind: 'refused', status, providerCode: Refusal.safeParse(body).data?.code }
    } catch (error) {
      return { kind: 'none', status, error: error instanceof Error ? error.name : 'unknown' }
    }
  }
}

/** The languages to try: the requested one in its region, then in any. None if the tag is not one of BCP 47. */
function spokenLocales(tag: string | undefined): string[] {
  if (!tag) return []
  try {
    // Some platforms write an underscore.
    const { language, region } = new Intl.Locale(tag.replaceAll('_', '-'))
    return language === 'und' ? [] : [...(region ? [`${language}-${region}`] : []), language]
  } catch {
    return []
  }
}

function outcomeOf(status: string) {
  if (status === 'approved') return 'approved'
  if (status === 'pending') return 'wrong'
  return status === 'max_attempts_reached' ? 'locked' : 'closed'
}
