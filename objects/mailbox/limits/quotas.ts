import type { Config } from '../../../src/settings/config'
import type { Box } from '../context'
import type { SendRate } from './send-rate'

/** What the owner may do of something: so much at first, and when that is used up so much a day, as it comes back. */
export interface Budget {
  name: string
  first: number
  perDay: number
}

/** What is counted for each user. */
export interface Budgets {
  lookups: Budget
  newChats: Budget
  sends: SendRate
}

export const budgetsOf = (config: Config): Budgets => ({
  lookups: { name: 'lookups', first: config.LOOKUPS_FIRST, perDay: config.LOOKUPS_PER_DAY },
  newChats: { name: 'newChats', first: config.NEW_CHATS_PER_DAY, perDay: config.NEW_CHATS_PER_DAY },
  sends: { burst: config.SENDS_AT_ONCE, perMinute: config.SENDS_PER_MINUTE },
})

type BudgetRow = { amount: number; at: number }

const dayMs = 86_400_000

function left({ sql, now }: Box, { name, first, perDay }: Budget): number {
  const row = sql.exec<BudgetRow>('SELECT amount, at FROM budgets WHERE name = ?', name).toArray()[0]
  if (!row) return first
  if (row.amount >= perDay) return row.amount
  return Math.min(perDay, row.amount + (perDay * Math.max(0, now - row.at)) / dayMs)
}

/** Takes all of an amount and answers null, or takes nothing and says what is left, and when there will be enough. */
export function spend(box: Box, budget: Budget, amount: number): { left: number; afterSeconds: number } | null {
  if (amount === 0) return null
  const available = left(box, budget)
  if (available < amount) {
    const missing = Math.min(amount, budget.perDay) - available
    return { left: Math.floor(available), afterSeconds: Math.max(1, Math.ceil((missing / budget.perDay) * 86_400)) }
  }
  box.sql.exec(
    `INSERT INTO budgets (name, amount, at) VALUES (?, ?, ?)
     ON CONFLICT (name) DO UPDATE SET amount = excluded.amount, at = excluded.at`,
    budget.name,
    available - amount,
    box.now,
  )
  return null
}
