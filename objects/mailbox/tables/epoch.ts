import { randomBytes } from 'node:crypto'
import * as keyValues from './key-values'

const key = 'epoch'

/**
 * Identifies this life of the mailbox: random, created on first use, and renewed when the mailbox is restored from a
 * backup.
 */
export function epoch(sql: SqlStorage): string {
  const known = keyValues.read(sql, key)
  if (known) return known
  const fresh = randomBytes(9).toString('base64url')
  keyValues.write(sql, key, fresh)
  return fresh
}
