import * as breakers from '../../../repositories/breakers'
import * as openCodes from '../../../repositories/open-codes'
import type { Send } from '../../../repositories/send'
import * as sendAvailability from '../../../repositories/send-availability'
import { exhaustedBudgets, type SendAvailability } from '../../../repositories/send-availability'
import * as sendHistory from '../../../repositories/send-history'
import { problem } from '../../core/errors'
import { events } from '../../core/events'
import { countryOf } from '../../core/phone'
import type { Config } from '../../settings/config'
import { assessRisk } from '../../settings/risk-rules'
import {
  isBreaker,
  nearBreakers,
  type SendBudgetName,
  type SendBudgets,
  sendBudgets,
  type TrustLevel,
} from '../../settings/send-budgets'
import { isTestNumber } from '../../settings/test-numbers'
import type { VerificationContext } from './context'
import { type Turnstile, turnstileOf, verifyTurnstile } from './turnstile'
import { checksLeft, nextSend, refusedUntil } from './verification-state'

/** A request for a code for which nothing has been sent yet. */
export interface SendAttempt {
  send: Omit<Send, 'trust'>
  phoneNumber: string
  turnstileToken: string | undefined
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

/**
 * Returns the budgets that a send is charged to. For a test number, to which nothing is sent, these are only those that
 * slow down guessing.
 */
export function budgetsOf(
  config: Config,
  { phoneNumber, send }: Pick<SendAttempt, 'phoneNumber' | 'send'>,
): SendBudgets {
  const budgets = sendBudgets(config.OTP_BUDGETS)
  if (!isTestNumber(config.OTP_TEST_NUMBERS, phoneNumber, send.now)) return budgets
  const names = (Object.keys(budgets) as SendBudgetName[]).filter((name) => budgets[name].scope !== 'number')
  const unlimited = { unknown: null, person: null, known: null }
  return { ...budgets, ...Object.fromEntries(names.map((name) => [name, { ...budgets[name], max: unlimited }])) }
}

/**
 * Applies the owner's rules to a request for a code, and returns how far the requester is trusted. Throws
 * `phone_number_refused`, `turnstile_required`, `turnstile_failed`, or the 429 that a token would not resolve.
 */
export async function admitRequest(context: VerificationContext, attempt: SendAttempt): Promise<TrustLevel> {
  const { config, db, edge } = context
  const { send, phoneNumber } = attempt
  if (isTestNumber(config.OTP_TEST_NUMBERS, phoneNumber, send.now)) return 'known'
  const { country } = send.keys
  checkCountry(config, country)
  const history = await sendHistory.get(db, send)
  if (history.isKnown) return 'known'
  const signals = {
    ...history,
    numberCountry: countryOf(phoneNumber).country,
    addressCountry: edge.country ?? null,
    asn: edge.asn ?? null,
  }
  const { action, row } = assessRisk(config.OTP_RISK_RULES, signals, config.OTP_HOSTING_ASNS)
  if (action === 'refuse') throw refused({ reason: 'risk', row, country })
  const turnstile = turnstileOf(config)
  if (turnstile && attempt.turnstileToken !== undefined)
    return proveIsPerson(context, attempt, turnstile, attempt.turnstileToken)
  if (action === 'allow') return 'unknown'
  if (turnstile) throw await turnstileRequired(context, attempt, { reason: 'risk', row, country })
  await checkNoBreakerIsNear(context, attempt)
  return 'unknown'
}

/** A token is valid once, so it is not spent on a send that a budget or the cooldown refuses. */
async function proveIsPerson(
  context: VerificationContext,
  attempt: SendAttempt,
  turnstile: Turnstile,
  token: string,
): Promise<TrustLevel> {
  await checkAvailableToPerson(context, attempt)
  const outcome = await verifyTurnstile(turnstile, token, context.edge.ip)
  if (outcome === 'refused') throw problem('turnstile_failed')
  if (outcome === 'unavailable') throw problem('service_unavailable')
  return 'person'
}

async function checkAvailableToPerson(context: VerificationContext, attempt: SendAttempt) {
  const { config, db } = context
  const budgets = budgetsOf(config, attempt)
  const availability = await sendAvailability.find(db, { ...attempt.send, trust: 'person' }, budgets)
  if (availability.cooldownUntil !== null || exhaustedBudgets(availability, budgets, attempt.send.channel).length > 0)
    throw await retryLater(context, attempt, availability)
}

/**
 * Where nobody can give a token, a request that should is let through only while the breakers are far from tripping:
 * what is left then belongs to those whom no rule suspects.
 */
async function checkNoBreakerIsNear(context: VerificationContext, attempt: SendAttempt) {
  const { config, db } = context
  const near = nearBreakers(budgetsOf(config, attempt))
  const availability = await sendAvailability.find(db, { ...attempt.send, trust: 'unknown' }, near)
  if (exhaustedBudgets(availability, near, attempt.send.channel).length === 0) return
  events.otpRefusedByLimit({ reason: 'challenge', country: attempt.send.keys.country, trust: 'unknown' })
  throw await retryLater(context, attempt, availability)
}

type ProofReason = Parameters<typeof events.turnstileRequired>[0]

/** Returns the problem that a token resolves; or, if a token would not help, throws the one that time resolves. */
async function turnstileRequired(context: VerificationContext, attempt: SendAttempt, fields: ProofReason) {
  await checkAvailableToPerson(context, attempt)
  events.turnstileRequired(fields)
  return problem('turnstile_required')
}

async function retryLater(
  { config, db }: VerificationContext,
  { phoneNumber, send }: SendAttempt,
  availability: SendAvailability,
) {
  const isCooldown = exhaustedBudgets(availability, sendBudgets(config.OTP_BUDGETS), send.channel).length === 0
  const open = await openCodes.find(db, phoneNumber, send.now)
  const next = nextSend(config, availability, send.now)
  return refusedUntil(
    isCooldown ? 'resend_too_soon' : 'otp_sends_exhausted',
    send.now,
    { ...next, checksLeft: checksLeft(open) },
    send.channel === 'call' ? Math.max(next.resendAt, availability.budgets.callsPerDay ?? 0) : next.resendAt,
  )
}

/** Returns why the budgets refuse a send: the problem that a token resolves, or the one that time resolves. */
export async function budgetRefusal(
  context: VerificationContext,
  attempt: SendAttempt,
  trust: TrustLevel,
  availability: SendAvailability,
) {
  const { config, db } = context
  const { country } = attempt.send.keys
  const budgets = budgetsOf(config, attempt)
  const names = exhaustedBudgets(availability, budgets, attempt.send.channel)
  const reason = names.join(' ') || 'spacing'
  events.otpRefusedByLimit({ reason, country, trust })
  if (trust !== 'unknown' || names.length === 0) return retryLater(context, attempt, availability)
  const tripped = names.filter((name) => isBreaker(budgets[name]))
  for (const breaker of await breakers.trip(db, attempt.send.keys, budgets, tripped, attempt.send.now))
    events.otpBreakerTripped({ breaker })
  return turnstileOf(config)
    ? turnstileRequired(context, attempt, { reason, country })
    : retryLater(context, attempt, availability)
}
