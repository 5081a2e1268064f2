import { limits } from '../src/core/limits'
import type { SendKeys } from '../src/settings/send-keys'

/** The statements that record that a network has signed in with a number. */
export function addition(db: D1Database, keys: SendKeys, now: number): D1PreparedStatement[] {
  const [number = '', prefix = '', network = ''] = [keys.number[0], keys.prefix[0], keys.network[0]]
  return [
    db
      .prepare(
        `INSERT INTO known_networks (number_key, network_key, prefix_key, proven_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET proven_at = excluded.proven_at`,
      )
      .bind(number, network, prefix, now),
    db
      .prepare(
        `DELETE FROM known_networks WHERE number_key = ?1 AND network_key NOT IN (
           SELECT network_key FROM known_networks WHERE number_key = ?1 ORDER BY proven_at DESC LIMIT ?2)`,
      )
      .bind(number, limits.networksKnownMax),
  ]
}

/** Forgets which networks have signed in with a number, because the number can now pass to somebody else. */
export const forget = (db: D1Database, numberKeys: string[]) =>
  db
    .prepare('DELETE FROM known_networks WHERE number_key IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(numberKeys))
    .run()
