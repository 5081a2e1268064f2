import * as otpSends from '../../../repositories/otp-sends'
import * as verifications from '../../../repositories/verifications'
import type { edgeFacts } from '../../core/edge'
import { problem } from '../../core/errors'
import { events } from '../../core/events'
import { countryOf } from '../../core/phone'
import type { Config } from '../../settings/config'
import { assessRisk } from '../../settings/risk-rules'
import { isBreaker, type SendBudgetName, type SendBudgets, sendBudgets, type Trust } from '../../settings/send-budgets'
import { isTestNumber } from '../../settings/test-numbers'
import { verifyTurnstile } from './turnstile'
import { checksLeft, nextSend, refusedUntil } from './verification-state'

type Edge = ReturnType<typeof edgeFacts>

export interface Asked {
  send: Omit<otpSends.Send, 'trust'>
  phoneNumber: string
  turnstileToken: string | undefined
  edge: Edge
}

const refused = (fields: Parameters<typeof events.otpRefusedByRule>[0]) => {
  events.otpRefusedByRule(fields)
  return problem('phone_number_refused')
}

function checkCountry(config: Config, country: string) {
  const { OTP_COUNTRIES_ALLOWED: allowed, OTP_COUNTRIES_DENIED: denied } = config
  if ((allowed.length > 0 && !allowed.includes(country)) || denied.includes(country))
    throw refused({ reason: 'country', country })
}

/** The budgets that a send takes from. Where nothing is sent, only guessing is to be held up. */
export function budgetsOf(config: Config, { phoneNumber, send }: Pick<Asked, 'phoneNumber' | 'send'>): SendBudgets {
  const budgets = sendBudgets(config.OTP_BUDGETS)
  if (!isTestNumber(config.OTP_TEST_NUMBERS, phoneNumber, send.now)) return budgets
  const names = (Object.keys(budgets) as SendBudgetName[]).filter((name) => budgets[name].scope !== 'number')
  const unlimited = { unknown: null, person: null, known: null }
  return { ...budgets, ...Object.fromEntries(names.map((name) => [name, { ...budgets[name], max: unlimited }])) }
}

/**
 * What is known of who asks for a code, when one may be sent to them as far as the owner's rules go. Throws
 * `phone_number_refused`, `turnstile_required`, `turnstile_failed`, or the 429 that a token would not help against.
 */
export async function admit(config: Config, db: D1Database, asked: Asked): Promise<Trust> {
  const { send, phoneNumber, edge } = asked
  if (isTestNumber(config.OTP_TEST_NUMBERS, phoneNumber, send.now)) return 'known'
  const { country } = send.keys
  checkCountry(config, country)
  const history = await otpSends.history(db, send)
  if (history.isKnown) return 'known'
  const facts = {
    ...history,
    numberCountry: countryOf(phoneNumber).country,
    addressCountry: edge.country ?? null,
    asn: edge.asn ?? null,
  }
  const { action, row } = assessRisk(config.OTP_RISK_RULES, facts, config.OTP_HOSTING_ASNS)
  if (action === 'refuse') throw refused({ reason: 'risk', row, country })
  if (!config.TURNSTILE_SECRET) return 'unknown'
  if (asked.turnstileToken !== undefined) return prove(config, db, asked, asked.turnstileToken)
  if (action === 'allow') return 'unknown'
  throw await proofNeeded(config, db, asked, { reason: 'risk', row, country })
}

/** A token is good once: it is not spent on a send that something else stands in the way of. */
async function prove(config: Config, db: D1Database, asked: Asked, token: string): Promise<Trust> {
  await checkRoomForProven(config, db, asked)
  const { TURNSTILE_SECRET: secret = '', TURNSTILE_BASE_URL: baseUrl } = config
  const outcome = await verifyTurnstile({ secret, baseUrl }, token, asked.edge.ip)
  if (outcome === 'refused') throw problem('turnstile_failed')
  if (outcome === 'unavailable') throw problem('service_unavailable')
  return 'person'
}

async function checkRoomForProven(config: Config, db: D1Database, asked: Asked) {
  const budgets = budgetsOf(config, asked)
  const room = await otpSends.room(db, { ...asked.send, trust: 'person' }, budgets)
  if (room.spacedUntil !== null || otpSends.inTheWay(room, budgets, asked.send.channel).length > 0)
    throw await timeNeeded(config, db, asked, room)
}

type ProofReason = Parameters<typeof events.turnstileRequired>[0]

/** The problem that a token solves; or, when it would not, the one that time solves. */
async function proofNeeded(config: Config, db: D1Database, asked: Asked, fields: ProofReason) {
  await checkRoomForProven(config, db, asked)
  events.turnstileRequired(fields)
  return problem('turnstile_required')
}

async function timeNeeded(config: Config, db: D1Database, { phoneNumber, send }: Asked, room: otpSends.Room) {
  const isSpacing = otpSends.inTheWay(room, sendBudgets(config.OTP_BUDGETS), send.channel).length === 0
  const open = await verifications.openCode(db, phoneNumber, send.now)
  const next = nextSend(config, room, send.now)
  return refusedUntil(
    isSpacing ? 'resend_too_soon' : 'otp_sends_exhausted',
    send.now,
    { ...next, checksLeft: checksLeft(open) },
    send.channel === 'call' ? Math.max(next.resendAt, room.budgets.callsPerDay ?? 0) : next.resendAt,
  )
}

/** Why the budgets let no code be sent: the problem that a token solves, or the one that time does. */
export async function refusal(config: Config, db: D1Database, asked: Asked, trust: Trust, room: otpSends.Room) {
  const { country } = asked.send.keys
  const budgets = budgetsOf(config, asked)
  const names = otpSends.inTheWay(room, budgets, asked.send.channel)
  const reason = names.join(' ') || 'spacing'
  events.otpRefusedByLimit({ reason, country, trust })
  if (trust !== 'unknown' || names.length === 0) return timeNeeded(config, db, asked, room)
  const breakers = names.filter((name) => isBreaker(budgets[name]))
  for (const breaker of await otpSends.trip(db, asked.send.keys, budgets, breakers, asked.send.now))
    events.otpBreakerTripped({ breaker })
  return config.TURNSTILE_SECRET
    ? proofNeeded(config, db, asked, { reason, country })
    : timeNeeded(config, db, asked, room)
}
