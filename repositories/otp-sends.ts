import { limits } from '../src/core/limits'
import { d1WriteRetries, retry } from '../src/core/retry'
import { type SendBudgets, trustRank } from '../src/settings/send-budgets'
import type { SendKeys } from '../src/settings/send-keys'
import * as breakers from './breakers'
import type { Send } from './send'
import {
  type AvailabilityRow,
  availabilityQuery,
  cooldownUntil,
  figuresOf,
  lastBlockingSend,
  toAvailability,
} from './send-availability'

/**
 * The statement that charges a send to every budget or to none. It charges a send once, however often it is executed.
 */
function insertion(db: D1Database, send: Send, budgets: SendBudgets) {
  const { id, keys, channel, trust, requestKeys, now } = send
  const cooldown = cooldownUntil(send)
  const bounds = figuresOf(budgets, trust)
    .filter(({ budget }) => !budget.channel || budget.channel === channel)
    .map(({ max, budget }) => lastBlockingSend(budget, max, send))
  const conditions = [`coalesce(${cooldown.text}, 0) <= ?`, ...bounds.map(({ text }) => `${text} IS NULL`)]
  const own = [keys.number, keys.prefix, keys.network, keys.site, keys.block].map(([current = '']) => current)
  return db
    .prepare(
      `INSERT OR IGNORE INTO otp_sends (id, number_key, prefix_key, network_key, site_key, block_key, country, channel,
         trust, request_key, sent_at)
       SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${conditions.join(' AND ')}`,
    )
    .bind(
      ...[id, ...own, keys.country, channel, trustRank(trust), requestKeys[0] ?? null, now],
      ...[...cooldown.values, now],
      ...bounds.flatMap(({ values }) => values),
    )
}

/**
 * Charges a send to every budget, if all have room and the cooldown has passed; otherwise to none. `availability` is
 * that of the next send, or of this one if it was not charged. `recovered` names the breakers that let it pass again.
 */
export async function charge(db: D1Database, send: Send, budgets: SendBudgets) {
  const { id, now } = send
  const statements = [
    insertion(db, send, budgets),
    db.prepare('SELECT id AS name FROM otp_sends WHERE id = ?').bind(id),
    breakers.recovery(db, budgets, send),
    availabilityQuery(db, send, budgets),
  ]
  const results = await retry(() => db.batch<AvailabilityRow & { name: string }>(statements), d1WriteRetries)
  const [charged, recovered, found] = results.slice(1)
  return {
    isCharged: (charged?.results.length ?? 0) > 0,
    recovered: (recovered?.results ?? []).map(({ name }) => name),
    availability: toAvailability(found?.results[0] ?? { cooldown: null }, budgets, now),
  }
}

/** Whether a send of the same request is charged, and so might be in progress. */
export async function isInProgress(db: D1Database, { keys, requestKeys, now }: Omit<Send, 'trust'>): Promise<boolean> {
  if (requestKeys.length === 0) return false
  const row = await db
    .prepare(
      `SELECT 1 FROM otp_sends WHERE number_key IN (SELECT value FROM json_each(?)) AND sent_at > ?
         AND request_key IN (SELECT value FROM json_each(?)) AND approved_at IS NULL`,
    )
    .bind(JSON.stringify(keys.number), now - limits.otpLifetimeSeconds * 1000, JSON.stringify(requestKeys))
    .first()
  return row !== null
}

/** Refunds a send to every budget, because nothing was sent. */
export const refund = (db: D1Database, id: string) =>
  retry(() => db.prepare('DELETE FROM otp_sends WHERE id = ?').bind(id).run(), d1WriteRetries)

// Below every rank, so that no cooldown counts it.
const outcomeUnknown = -1

/**
 * Marks a send whose outcome is unknown. The budgets count it, because it might cost money, but it keeps nobody
 * waiting.
 */
export const markOutcomeUnknown = (db: D1Database, id: string) =>
  retry(
    () => db.prepare('UPDATE otp_sends SET trust = ?, request_key = NULL WHERE id = ?').bind(outcomeUnknown, id).run(),
    d1WriteRetries,
  )

/** The statement that marks the sends to a number as approved, because its code was entered. */
export const approval = (db: D1Database, keys: SendKeys, now: number) =>
  db
    .prepare(
      `UPDATE otp_sends SET approved_at = ? WHERE number_key IN (SELECT value FROM json_each(?))
         AND approved_at IS NULL AND sent_at > ?`,
    )
    .bind(now, JSON.stringify(keys.number), now - limits.otpLifetimeSeconds * 1000)
