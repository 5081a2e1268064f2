import { randomBytes } from 'node:crypto'
import * as keyValues from './key-values'

const key = 'epoch'

/**
 * Names this life of the mailbox, at random. A restore from a backup takes the name away; the next wake gives another, so
 * that reading never has to write one.
 */
export const epoch = (sql: SqlStorage): string => keyValues.read(sql, key) ?? ''

/** Names this life of the mailbox if it has no name; for when it is made or wakes. */
export function ensureEpoch(sql: SqlStorage) {
  if (keyValues.read(sql, key) === undefined) keyValues.write(sql, key, randomBytes(9).toString('base64url'))
}
