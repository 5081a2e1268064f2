import { done, type Outcome } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import { spend } from './quotas'

/**
 * The phone numbers that the owner has looked up, stored only as keyed hashes. Looking up the same number again is
 * free, so an address book can be compared any number of times, but a country's numbers cannot be enumerated.
 */

/**
 * Charges for the numbers that were never looked up. Each number is given as its hashes, under the current key and the
 * previous one.
 */
export function chargeLookups(context: MailboxContext, asked: string[][]): Outcome<null> {
  const known = new Set(
    context.sql
      .exec<{ hash: string }>(
        'SELECT hash FROM lookups WHERE hash IN (SELECT value FROM json_each(?))',
        JSON.stringify(asked.flat()),
      )
      .toArray()
      .map(({ hash }) => hash),
  )
  const fresh = asked.filter((hashes) => !hashes.some((hash) => known.has(hash)))
  const refused = spend(context, context.quotas.contactLookups, fresh.length)
  if (refused)
    return {
      ok: false,
      code: 'lookups_exhausted',
      detail: `${fresh.length} of the numbers are new, and you can look up ${refused.left} now. Nothing was charged.`,
      retryAfterSeconds: refused.afterSeconds,
    }
  keep(
    context.sql,
    asked.filter(([present = '']) => !known.has(present)),
  )
  return done(null)
}

/** Moves numbers stored under the previous key to the current one: the next rotation must not make them new. */
function keep(sql: SqlStorage, asked: string[][]) {
  if (asked.length === 0) return
  sql.exec('DELETE FROM lookups WHERE hash IN (SELECT value FROM json_each(?))', JSON.stringify(asked.flat()))
  const present = asked.flatMap(([hash]) => hash ?? [])
  sql.exec('INSERT INTO lookups (hash) SELECT DISTINCT value FROM json_each(?)', JSON.stringify(present))
}
