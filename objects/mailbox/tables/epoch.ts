import { randomBytes } from 'node:crypto'
import type { KeyValues } from './key-values'

const key = 'epoch'

/**
 * Names this life of the mailbox, at random. A restore from a backup takes the name away; the next wake gives another, so
 * that reading never has to write one.
 */
export const epoch = (values: KeyValues): string => values.read(key) ?? ''

/** Names this life of the mailbox if it has no name; for when it is made or wakes. Returns whether it had none. */
export function ensureEpoch(values: KeyValues): boolean {
  if (values.read(key) !== undefined) return false
  values.write(key, randomBytes(9).toString('base64url'))
  return true
}
