import type { OwnProfile } from '../../../src/core/profile'
import type { DurableContext } from '../../durable/context'
import * as keyValues from './key-values'

const key = 'profile'
const dueKey = 'profile_due'

/** The owner's record as stored in the mailbox, with the number of the change that brought it. */
export type StoredProfile = OwnProfile & { seq: number }

export const ownProfile = (sql: SqlStorage): StoredProfile | undefined => {
  const stored = keyValues.read(sql, key)
  if (stored === undefined) return undefined
  const profile = JSON.parse(stored)
  // A record stored before this setting existed lacks it: everybody could be found then.
  return { ...profile, own: { discoverable: true, ...profile.own } }
}

/** Stores the record if it is newer, and stops expecting one. Returns whether peers must be told. */
export function saveProfile({ sql, sequence }: Pick<DurableContext, 'sql' | 'sequence'>, profile: OwnProfile): boolean {
  expectNoProfile(sql)
  const known = ownProfile(sql)
  if (known && known.revision >= profile.revision) return false
  keyValues.write(sql, key, JSON.stringify({ ...profile, seq: sequence.take() }))
  return true
}

/**
 * Remembers that the record in D1 is about to change, in case nobody reports the result by `due` (epoch milliseconds).
 */
export const expectProfile = (sql: SqlStorage, due: number) => keyValues.write(sql, dueKey, String(due))

export const expectNoProfile = (sql: SqlStorage) => keyValues.remove(sql, dueKey)

/** When to fetch the record from D1, or null. */
export const profileDue = (sql: SqlStorage): number | null => {
  const due = keyValues.read(sql, dueKey)
  return due === undefined ? null : Number(due)
}

/** The number of the change that brought the record, or 0. */
export const profileSeq = (sql: SqlStorage): number => ownProfile(sql)?.seq ?? 0

/** Whether the owner hides their presence. */
export const isPresenceHidden = (sql: SqlStorage): boolean => ownProfile(sql)?.own.presenceHidden ?? false
