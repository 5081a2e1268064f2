import type { Channel } from '../schemas/authentication'
import { limits } from '../src/core/limits'
import {
  type SendBudget,
  type SendBudgetName,
  type SendBudgets,
  type TrustLevel,
  trustRank,
} from '../src/settings/send-budgets'
import type { SendKeys } from '../src/settings/send-keys'
import type { Send } from './send'

interface SqlFragment {
  text: string
  values: (string | number)[]
}

const scopes: Record<SendBudget['scope'], (keys: SendKeys) => SqlFragment> = {
  number: ({ number }) => keyed('number_key', number),
  prefix: ({ prefix }) => keyed('prefix_key', prefix),
  network: ({ network }) => keyed('network_key', network),
  site: ({ site }) => keyed('site_key', site),
  block: ({ block }) => keyed('block_key', block),
  country: ({ country }) => ({ text: 'country = ?', values: [country] }),
  service: () => ({ text: '1', values: [] }),
}

const keyed = (column: string, keys: string[]): SqlFragment => ({
  text: `${column} IN (SELECT value FROM json_each(?))`,
  values: [JSON.stringify(keys)],
})

/** The time of the last send that must leave the window before one more fits, or null while one more fits. */
export function lastBlockingSend(
  { scope, windowSeconds, counts, channel }: SendBudget,
  max: number,
  { keys, now }: Send,
): SqlFragment {
  const within = scopes[scope](keys)
  const conditions = [
    within.text,
    'sent_at > ?',
    ...(counts === 'unapproved' ? ['approved_at IS NULL'] : []),
    ...(channel ? [`channel = '${channel}'`] : []),
  ]
  return {
    text: `(SELECT sent_at FROM otp_sends WHERE ${conditions.join(' AND ')} ORDER BY sent_at DESC LIMIT 1 OFFSET ?)`,
    values: [...within.values, now - windowSeconds * 1000, max - 1],
  }
}

/**
 * When the next code can follow the last ones that were not entered, or null if there are none. Only sends of the same
 * or a higher trust level count, so a stranger's sends do not keep the owner of a number waiting.
 */
export function cooldownUntil({ keys, trust, now }: Send): SqlFragment {
  const number = JSON.stringify(keys.number)
  const own = 'number_key IN (SELECT value FROM json_each(?))'
  // Indexed by the number of such sends. Without any, there is no last send to add to.
  const steps = [0, ...limits.otpCooldownSeconds].map((seconds) => seconds * 1000)
  return {
    text: `(SELECT max(sent_at) + json_extract(?, '$[' || CAST(min(count(*), ?) AS INTEGER) || ']') FROM otp_sends
      WHERE ${own} AND trust >= ? AND approved_at IS NULL AND sent_at > ? AND sent_at >=
        coalesce((SELECT max(sent_at) FROM otp_sends WHERE ${own} AND approved_at IS NOT NULL), 0))`,
    values: [
      JSON.stringify(steps),
      steps.length - 1,
      number,
      trustRank(trust),
      now - limits.otpRecordSeconds * 1000,
      number,
    ],
  }
}

/**
 * What keeps the next code from being sent, and until when (epoch milliseconds). `cooldownUntil` is null if there is no
 * cooldown; `budgets` holds only those that are exhausted.
 */
export interface SendAvailability {
  cooldownUntil: number | null
  budgets: Partial<Record<SendBudgetName, number>>
}

/** The budgets that apply to a trust level, each with its figure. */
export const figuresOf = (budgets: SendBudgets, trust: TrustLevel) =>
  (Object.keys(budgets) as SendBudgetName[]).flatMap((name) => {
    const max = budgets[name].max[trust]
    return max === null ? [] : [{ name, max, budget: budgets[name] }]
  })

export function availabilityQuery(db: D1Database, send: Send, budgets: SendBudgets) {
  const cooldown = cooldownUntil(send)
  const figures = figuresOf(budgets, send.trust).map(({ name, max, budget }) => ({
    name,
    ...lastBlockingSend(budget, max, send),
  }))
  const columns = [`${cooldown.text} AS cooldown`, ...figures.map(({ name, text }) => `${text} AS ${name}`)]
  return db.prepare(`SELECT ${columns.join(', ')}`).bind(...cooldown.values, ...figures.flatMap(({ values }) => values))
}

/** The budgets that have no room for a code over this channel. */
export const exhaustedBudgets = (availability: SendAvailability, budgets: SendBudgets, channel: Channel) =>
  (Object.keys(availability.budgets) as SendBudgetName[]).filter(
    (name) => (budgets[name].channel ?? channel) === channel,
  )

export type AvailabilityRow = Partial<Record<SendBudgetName, number | null>> & { cooldown: number | null }

export function toAvailability(
  { cooldown, ...row }: AvailabilityRow,
  budgets: SendBudgets,
  now: number,
): SendAvailability {
  const names = (Object.keys(row) as SendBudgetName[]).filter((name) => row[name] !== null)
  return {
    cooldownUntil: cooldown !== null && cooldown > now ? cooldown : null,
    budgets: Object.fromEntries(names.map((name) => [name, (row[name] ?? 0) + budgets[name].windowSeconds * 1000])),
  }
}

/** Returns what keeps a send from being made, without charging it. */
export async function find(db: D1Database, send: Send, budgets: SendBudgets): Promise<SendAvailability> {
  const { results } = await availabilityQuery(db, send, budgets).all<AvailabilityRow>()
  return toAvailability(results[0] ?? { cooldown: null }, budgets, send.now)
}
