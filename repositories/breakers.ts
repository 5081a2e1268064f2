import { isBreaker, type SendBudgetName, type SendBudgets } from '../src/settings/send-budgets'
import type { SendKeys } from '../src/settings/send-keys'
import type { Send } from './send'

/** The rows of the breakers that can ask for proof of this send. */
const breakerRows = (budgets: SendBudgets, { country }: SendKeys) =>
  (Object.keys(budgets) as SendBudgetName[])
    .filter((name) => isBreaker(budgets[name]))
    .map((name) => ({ name, row: budgets[name].scope === 'country' ? `${name} ${country}` : name }))

/** The statement that resets the breakers that a stranger's send has passed, once the send is charged. */
export function recovery(db: D1Database, budgets: SendBudgets, { id, keys, trust }: Send) {
  const passed = trust === 'unknown' ? breakerRows(budgets, keys).map(({ row }) => row) : []
  return db
    .prepare(
      `DELETE FROM tripped_breakers WHERE name IN (SELECT value FROM json_each(?))
         AND EXISTS (SELECT 1 FROM otp_sends WHERE id = ?) RETURNING name`,
    )
    .bind(JSON.stringify(passed), id)
}

/** Records that breakers ask for proof from now on. Returns those that did not before. */
export async function trip(
  db: D1Database,
  keys: SendKeys,
  budgets: SendBudgets,
  names: SendBudgetName[],
  now: number,
): Promise<string[]> {
  if (names.length === 0) return []
  const rows = breakerRows(budgets, keys).filter(({ name }) => names.includes(name))
  const { results } = await db
    .prepare(
      `INSERT INTO tripped_breakers (name, tripped_at) SELECT value, ? FROM json_each(?) WHERE true
       ON CONFLICT DO NOTHING RETURNING name`,
    )
    .bind(now, JSON.stringify(rows.map(({ row }) => row)))
    .all<{ name: string }>()
  return results.map(({ name }) => name)
}
