import { done, type Outcome } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import { spend } from './quotas'

/**
 * The numbers that the owner has asked for, as keyed hashes alone. Asking for one again costs nothing, so that an
 * address book can be compared as often as one likes, and a country cannot be read through.
 */

/** Charges for the numbers that were never asked for. Each comes as its hashes, under the present key and the one before. */
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

/** Those kept under the key before are kept under the present one from now on: the next rotation must not make them new. */
function keep(sql: SqlStorage, asked: string[][]) {
  if (asked.length === 0) return
  sql.exec('DELETE FROM lookups WHERE hash IN (SELECT value FROM json_each(?))', JSON.stringify(asked.flat()))
  const present = asked.flatMap(([hash]) => hash ?? [])
  sql.exec('INSERT INTO lookups (hash) SELECT DISTINCT value FROM json_each(?)', JSON.stringify(present))
}
