import type { DurableContext } from '../../durable/context'
import type { Quota } from './quota-figures'

type QuotaRow = { amount: number; at: number }

const dayMs = 86_400_000

/** What is left now. */
export function available({ sql, now }: DurableContext, { name, first, perDay }: Quota): number {
  const row = sql.exec<QuotaRow>('SELECT amount, at FROM budgets WHERE name = ?', name).toArray()[0]
  if (!row) return first
  if (row.amount >= perDay) return row.amount
  return Math.min(perDay, row.amount + (perDay * Math.max(0, now - row.at)) / dayMs)
}

/**
 * Takes the whole amount and returns null, or takes nothing and returns what is left and in how many seconds there will
 * be enough.
 */
export function spend(
  context: DurableContext,
  quota: Quota,
  amount: number,
): { left: number; afterSeconds: number } | null {
  if (amount === 0) return null
  const left = available(context, quota)
  if (left < amount) {
    const missing = Math.min(amount, quota.perDay) - left
    return { left: Math.floor(left), afterSeconds: Math.max(1, Math.ceil((missing / quota.perDay) * 86_400)) }
  }
  context.sql.exec(
    `INSERT INTO budgets (name, amount, at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET amount = excluded.amount, at = excluded.at`,
    quota.name,
    left - amount,
    context.now,
  )
  return null
}
