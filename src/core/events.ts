import { z } from 'zod'
import { errorFields, type Level, log } from './log'

/**
 * Every event that the service logs, one function each. A field's schema only gives the field its type: nothing is
 * parsed here. Never put a token, a code, a signed URL, a message's text, or a whole phone number into a field. A session
 * is `sessionHash` of its id, because the id would be half of a forged token for whoever has a secret of the service.
 */
function event<Shape extends z.ZodRawShape>(level: Level, name: string, shape: Shape) {
  const write = (fields: z.infer<z.ZodObject<Shape>>) => log(level, name, fields)
  return Object.assign(write, { event: name, level, fields: Object.keys(shape) })
}

/** For a shape without fields, Zod infers that no other fields are allowed. */
type Fields<Shape extends z.ZodRawShape> = keyof Shape extends never ? unknown : z.infer<z.ZodObject<Shape>>

/** An event that reports an error, whose name, message, and stack are fields too. */
function failure<Shape extends z.ZodRawShape>(level: Level, name: string, shape: Shape) {
  const write = ({ error, ...fields }: Fields<Shape> & { error: unknown }) =>
    log(level, name, { ...fields, ...errorFields(error) })
  return Object.assign(write, { event: name, level, fields: [...Object.keys(shape), 'error', 'message', 'stack'] })
}

const text = z.string()
const number = z.number()

export const events = {
  request: event('info', 'request', {
    ...{
      requestId: text,
      givenRequestId: text.optional(),
      method: text,
      route: text,
      status: number,
      code: text.optional(),
    },
    ...{ userId: text.optional(), session: text.optional(), durationMs: number },
  }),
  requestFailed: failure('error', 'request_failed', { requestId: text }),
  exportFailed: failure('error', 'export_failed', { requestId: text }),

  contactsRefreshFailed: failure('warn', 'contacts_refresh_failed', {}),

  purged: event('info', 'purged', { table: text, rows: number }),
  purgeFailed: failure('error', 'purge_failed', { table: text }),

  signedIn: event('info', 'signed_in', { userId: text, session: text }),
  sessionEnded: event('info', 'session_ended', { userId: text, session: text, reason: text, by: text.optional() }),

  otpSent: event('info', 'otp_sent', { verificationId: text, channel: text, country: text, trust: text }),
  otpApproved: event('info', 'otp_approved', { verificationId: text }),
  otpCheckRefused: event('info', 'otp_check_refused', { verificationId: text, reason: text }),
  otpRefusedByLimit: event('info', 'otp_refused', {
    reason: text,
    country: text.optional(),
    trust: text.optional(),
  }),
  otpRefusedByRule: event('warn', 'otp_refused', { reason: text, row: number.optional(), country: text }),
  otpBreakerTripped: event('warn', 'otp_breaker_tripped', { breaker: text }),
  otpBreakerRecovered: event('info', 'otp_breaker_recovered', { breaker: text }),
  otpSendRefused: event('warn', 'otp_send_refused', { status: number, providerCode: number.optional() }),
  otpProviderUnavailable: event('error', 'otp_provider_unavailable', {
    status: number.optional(),
    providerCode: number.optional(),
    error: text.optional(),
  }),
  turnstileRequired: event('info', 'turnstile_required', { reason: text, row: number.optional(), country: text }),
  turnstileMismatch: event('warn', 'turnstile_mismatch', { hostname: text, action: text }),
  turnstileUnavailable: event('error', 'turnstile_unavailable', {
    status: number.optional(),
    errorCodes: z.array(text).optional(),
    error: text.optional(),
  }),

  alarmFailed: failure('error', 'alarm_failed', { job: text.optional() }),
  deliveryFailed: failure('warn', 'delivery_failed', {}),
  unblockFailed: failure('warn', 'unblock_failed', {}),
  frameFailed: failure('error', 'frame_failed', { requestId: text, type: text }),
  pushFailed: failure('error', 'push_failed', { requestId: text }),
  signalFailed: failure('warn', 'signal_failed', {}),
  watchFailed: failure('warn', 'watch_failed', {}),
  nudgeFailed: failure('warn', 'nudge_failed', {}),
  groupCallFailed: failure('warn', 'group_call_failed', {}),
}

/** The events as a table. An event that has two levels, depending on what it reports, has two rows. */
export const eventTable = Object.values(events).map(({ event, level, fields }) => ({ event, level, fields }))
