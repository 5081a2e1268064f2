import { randomBytes } from 'node:crypto'
import type { OwnProfile } from '../../../src/core/profile'
import type { Box } from '../context'

export const read = (sql: SqlStorage, key: string): string | undefined =>
  sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()[0]?.value

export const write = (sql: SqlStorage, key: string, value: string) => {
  sql.exec(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  )
}

/** The record as the mailbox keeps it, with the number of the change that brought it. */
export type KeptProfile = OwnProfile & { seq: number }

export const ownProfile = (sql: SqlStorage): KeptProfile | undefined => {
  const stored = read(sql, 'profile')
  if (stored === undefined) return undefined
  const profile = JSON.parse(stored)
  // One that was kept before there was such a choice: everybody could be found then.
  return { ...profile, own: { discoverable: true, ...profile.own } }
}

/** Takes over a newer profile, and forgets that one was awaited. Answers whether peers must be told. */
export function saveProfile(box: Pick<Box, 'sql' | 'sequence'>, profile: OwnProfile): boolean {
  expectNoProfile(box.sql)
  const known = ownProfile(box.sql)
  if (known && known.revision >= profile.revision) return false
  write(box.sql, 'profile', JSON.stringify({ ...profile, seq: box.sequence.take() }))
  return true
}

/** Names this life of the mailbox: random, made on first use, and renewed when it is restored from a backup. */
export function epoch(sql: SqlStorage): string {
  const known = read(sql, 'epoch')
  if (known) return known
  const fresh = randomBytes(9).toString('base64url')
  write(sql, 'epoch', fresh)
  return fresh
}

/** Remembers that the record in D1 is about to change, in case nobody comes back to say so. */
export const expectProfile = (sql: SqlStorage, due: number) => write(sql, 'profile_due', String(due))

export const expectNoProfile = (sql: SqlStorage) => {
  sql.exec(`DELETE FROM meta WHERE key = 'profile_due'`)
}

/** When to fetch the profile, or null. */
export const profileDue = (sql: SqlStorage): number | null => {
  const due = read(sql, 'profile_due')
  return due === undefined ? null : Number(due)
}
