import { limits } from '../src/core/limits'
import { formsOf } from '../src/core/phone-forms'
import type { Audience, OwnProfile } from '../src/core/profile'
import * as reports from './reports'

/** The users as they are found across mailboxes. Phone numbers and usernames are unique; usernames ignore case. */
export type UserRecord = OwnProfile

type UserRow = {
  id: string
  phone_number: string
  username: string | null
  first_name: string | null
  last_name: string | null
  about: string | null
  avatar_file_id: string | null
  metadata: string | null
  presence_audience: Audience
  read_mark_audience: Audience
  message_audience: Audience
  group_adds_audience: Audience
  discoverable: number
  revision: number
  created_at: number
  updated_at: number
}

const toRecord = (row: UserRow): UserRecord => ({
  profile: {
    id: row.id,
    username: row.username,
    firstName: row.first_name,
    lastName: row.last_name,
    about: row.about,
    avatarFileId: row.avatar_file_id,
    ...(row.metadata !== null && { metadata: row.metadata }),
  },
  own: {
    phoneNumber: row.phone_number,
    presenceAudience: row.presence_audience,
    readMarkAudience: row.read_mark_audience,
    messageAudience: row.message_audience,
    groupAddsAudience: row.group_adds_audience,
    discoverable: row.discoverable === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  },
  revision: row.revision,
})

const findBy = async (db: D1Database, condition: string, value: string): Promise<UserRecord | null> => {
  const row = await db.prepare(`SELECT * FROM users WHERE ${condition} = ?`).bind(value).first<UserRow>()
  return row && toRecord(row)
}

export const find = (db: D1Database, userId: string) => findBy(db, 'id', userId)

/** Ignores case. */
export const findByUsername = (db: D1Database, username: string) => findBy(db, 'username', username)

/** Returns the user who shows the file as their picture, or null. */
export const findByAvatar = (db: D1Database, fileId: string): Promise<{ id: string } | null> =>
  db.prepare('SELECT id FROM users WHERE avatar_file_id = ? LIMIT 1').bind(fileId).first<{ id: string }>()

/** Returns, in one query, those of these users who exist, in no particular order. */
export async function findMany(db: D1Database, userIds: readonly string[]): Promise<UserRecord[]> {
  const { results } = await db
    .prepare('SELECT * FROM users WHERE id IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(userIds))
    .all<UserRow>()
  return results.map(toRecord)
}

/** Returns, in one query, the users with these numbers (E.164) who are discoverable by them. */
export async function findByPhoneNumbers(db: D1Database, phoneNumbers: string[]): Promise<UserRecord[]> {
  const { results } = await db
    .prepare('SELECT * FROM users WHERE discoverable AND phone_number IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(phoneNumbers))
    .all<UserRow>()
  return results.map(toRecord)
}

/** Returns which of these numbers (E.164) users have. */
export async function registeredNumbers(db: D1Database, phoneNumbers: string[]): Promise<string[]> {
  const { results } = await db
    .prepare('SELECT phone_number FROM users WHERE phone_number IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(phoneNumbers))
    .all<{ phone_number: string }>()
  return results.map(({ phone_number }) => phone_number)
}

/** The statements that give a user the canonical form of their number, unless somebody has it. */
const canonizing = (db: D1Database, [canonical, ...others]: [string, ...string[]], now: number) =>
  others.map((other) =>
    db
      .prepare(
        `UPDATE users SET phone_number = ?1, revision = revision + 1, updated_at = ?3
         WHERE phone_number = ?2 AND NOT EXISTS (SELECT 1 FROM users WHERE phone_number = ?1)`,
      )
      .bind(canonical, other, now),
  )

/**
 * Returns the user with this number, created with the candidate id if there is none. Concurrent calls get the same user.
 * A record from before numbers had a canonical form gets it; where there is a user under each form, each keeps theirs.
 */
export async function findOrCreate(
  db: D1Database,
  phoneNumber: string,
  candidateId: string,
  now: number,
): Promise<UserRecord> {
  const forms = formsOf(phoneNumber)
  const results = await db.batch<UserRow>([
    ...canonizing(db, forms, now),
    db
      .prepare(
        'INSERT INTO users (id, phone_number, created_at, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      )
      .bind(candidateId, forms[0], now, now),
    db.prepare('SELECT * FROM users WHERE phone_number IN (?, ?)').bind(phoneNumber, forms[0]),
  ])
  const rows = results.at(-1)?.results ?? []
  const row = rows.find((one) => one.phone_number === phoneNumber) ?? rows[0]
  if (!row) throw new Error('A user that was just made is not there')
  return toRecord(row)
}

/** Removes a user, which frees their number and username. */
export const remove = (db: D1Database, userId: string) =>
  db.prepare('DELETE FROM users WHERE id = ?').bind(userId).run()

interface Erasure {
  userId: string
  /** E.164. */
  phoneNumber: string
  /** The keys under which the networks that have signed in with the number are stored. */
  numberKeys: string[]
  /** What reports about the user keep in place of the id. */
  reportedKey: string
  /** Epoch milliseconds. Anything later belongs to another account. */
  until: number
}

/** Removes everything that is known about a user here; of their number, the verifications up to a time. */
export const erase = (db: D1Database, { userId, phoneNumber, numberKeys, reportedKey, until }: Erasure) =>
  db.batch([
    db
      .prepare(`DELETE FROM known_networks WHERE proven_at <= ?2 AND number_key IN (SELECT value FROM json_each(?1))`)
      .bind(JSON.stringify(numberKeys), until),
    db
      .prepare('DELETE FROM otp_challenges WHERE phone_number = ? AND expires_at <= ?')
      .bind(phoneNumber, until + limits.otpLifetimeSeconds * 1000),
    db
      .prepare(
        `DELETE FROM otp_checks WHERE verification_id IN (SELECT id FROM verifications
           WHERE candidate_user_id = ?1 OR user_id = ?1 OR (created_at <= ?3 AND phone_number = ?2))`,
      )
      .bind(userId, phoneNumber, until),
    db
      .prepare(
        `DELETE FROM verifications WHERE candidate_user_id = ?1 OR user_id = ?1 OR (created_at <= ?3
           AND phone_number IN (?2, (SELECT phone_number FROM users WHERE id = ?1)))`,
      )
      .bind(userId, phoneNumber, until),
    ...reports.erasing(db, userId, reportedKey),
    db.prepare('DELETE FROM users WHERE id = ?').bind(userId),
  ])

const columns = {
  username: 'username',
  firstName: 'first_name',
  lastName: 'last_name',
  about: 'about',
  avatarFileId: 'avatar_file_id',
  metadata: 'metadata',
  presenceAudience: 'presence_audience',
  readMarkAudience: 'read_mark_audience',
  messageAudience: 'message_audience',
  groupAddsAudience: 'group_adds_audience',
  discoverable: 'discoverable',
} as const

type Change = { [Field in keyof typeof columns]?: string | boolean | null | undefined }

const toColumn = (value: string | boolean | null | undefined) =>
  typeof value === 'boolean' ? Number(value) : (value ?? null)

/** The revisions that a change can start from, or null for any. */
export type Expected = readonly number[] | null

/**
 * Changes the given fields if the record is at an expected revision. Returns null if there is no such user. Values that
 * stay the same are not a change, whatever was expected, so a change whose reply was lost can be repeated.
 */
export async function change(
  db: D1Database,
  userId: string,
  change: Change,
  expected: Expected,
  now: number,
): Promise<UserRecord | 'username_taken' | 'precondition_failed' | null> {
  const fields = (Object.keys(columns) as (keyof typeof columns)[]).filter((field) => change[field] !== undefined)
  if (fields.length === 0) return find(db, userId)
  const assignments = fields.map((field) => `${columns[field]} = ?`).join(', ')
  // Usernames compare without regard to case, but a different spelling is a change.
  const differs = fields.map((field) => `${columns[field]} COLLATE BINARY IS NOT ?`).join(' OR ')
  const values = fields.map((field) => toColumn(change[field]))
  const revisions = expected && JSON.stringify(expected)
  try {
    const [, found] = await db.batch<UserRow & { differs: number }>([
      db
        .prepare(
          `UPDATE users SET ${assignments}, revision = revision + 1, updated_at = ?
           WHERE id = ? AND (${differs}) AND (? IS NULL OR revision IN (SELECT value FROM json_each(?)))`,
        )
        .bind(...values, now, userId, ...values, revisions, revisions),
      db.prepare(`SELECT *, (${differs}) AS differs FROM users WHERE id = ?`).bind(...values, userId),
    ])
    const row = found?.results[0]
    if (!row) return null
    return row.differs ? 'precondition_failed' : toRecord(row)
  } catch (error) {
    if (isTaken(error, 'username')) return 'username_taken'
    throw error
  }
}

const isTaken = (error: unknown, column: 'username' | 'phone_number') =>
  error instanceof Error && error.message.includes(`UNIQUE constraint failed: users.${column}`)

/**
 * Moves a user to another number, unless somebody has it. Returns null if there is no such user. Whatever proved the
 * old number is deleted: if repeated, it would sign in to the account of whoever has that number next.
 */
export async function changePhoneNumber(
  db: D1Database,
  userId: string,
  phoneNumber: string,
  now: number,
): Promise<UserRecord | 'phone_number_taken' | null> {
  try {
    const [, , found] = await db.batch<UserRow>([
      db
        .prepare(
          `DELETE FROM verifications WHERE approved_at IS NOT NULL
             AND phone_number = (SELECT phone_number FROM users WHERE id = ?1 AND phone_number <> ?2)`,
        )
        .bind(userId, phoneNumber),
      db
        .prepare(
          `UPDATE users SET phone_number = ?2, revision = revision + 1, updated_at = ?3
           WHERE id = ?1 AND phone_number <> ?2
             AND NOT EXISTS (SELECT 1 FROM users WHERE id <> ?1 AND phone_number IN (SELECT value FROM json_each(?4)))`,
        )
        .bind(userId, phoneNumber, now, JSON.stringify(formsOf(phoneNumber))),
      db.prepare('SELECT * FROM users WHERE id = ?').bind(userId),
    ])
    const row = found?.results[0]
    if (row && row.phone_number !== phoneNumber) return 'phone_number_taken'
    return row ? toRecord(row) : null
  } catch (error) {
    if (isTaken(error, 'phone_number')) return 'phone_number_taken'
    throw error
  }
}
