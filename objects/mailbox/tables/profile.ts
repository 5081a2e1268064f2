import type { Audience, OwnProfile } from '../../../src/core/profile'
import type { DurableContext } from '../../durable/context'
import * as keyValues from './key-values'

const key = 'profile'
const dueKey = 'profile_due'

/** What holds for a record that was stored before a setting existed. */
const settingsBefore = ({ presenceHidden }: { presenceHidden?: boolean }) => ({
  discoverable: true,
  presenceAudience: presenceHidden ? 'nobody' : 'everyone',
  readMarkAudience: 'everyone',
  messageAudience: 'everyone',
})

/** The owner's record as stored in the mailbox, with the number of the change that brought it. */
export type StoredProfile = OwnProfile & { seq: number }

export const ownProfile = (sql: SqlStorage): StoredProfile | undefined => {
  const stored = keyValues.read(sql, key)
  if (stored === undefined) return undefined
  const profile = JSON.parse(stored)
  return { ...profile, own: { ...settingsBefore(profile.own), ...profile.own } }
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

/** Who learns when the owner is online. */
export const presenceAudience = (sql: SqlStorage): Audience => ownProfile(sql)?.own.presenceAudience ?? 'everyone'
