import type { Contact, ContactChange } from '../../../schemas/contact'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Box, CallerBox } from '../context'

/** People whom the owner has saved. A removed one stays as a row, so that clients which follow the changes learn of it. */
export type ContactRow = {
  user_id: string
  seq: number
  name: string | null
  created_at: number
  updated_at: number
  removed: number
}

const find = (sql: SqlStorage, userId: string) =>
  sql.exec<ContactRow>('SELECT * FROM contacts WHERE user_id = ?', userId).toArray()[0]

const toContact = (row: ContactRow): Contact => ({
  userId: row.user_id,
  name: row.name,
  createdAt: new Date(row.created_at).toISOString(),
  updatedAt: new Date(row.updated_at).toISOString(),
})

/** What a client that follows the changes must know of a row. */
export const toContactChange = (row: ContactRow): ContactChange => ({
  userId: row.user_id,
  contact: row.removed ? null : toContact(row),
})

function put(box: Box, row: Omit<ContactRow, 'seq'>): ContactRow {
  const saved = { ...row, seq: box.sequence.take() }
  box.sql.exec(
    `INSERT INTO contacts (user_id, seq, name, created_at, updated_at, removed) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (user_id) DO UPDATE SET seq = excluded.seq, name = excluded.name, created_at = excluded.created_at,
       updated_at = excluded.updated_at, removed = excluded.removed`,
    saved.user_id,
    saved.seq,
    saved.name,
    saved.created_at,
    saved.updated_at,
    saved.removed,
  )
  return saved
}

const count = (sql: SqlStorage) =>
  sql.exec<{ count: number }>('SELECT count(*) AS count FROM contacts WHERE removed = 0').one().count

/** Saves a user, or changes the name kept; a name that is not given stays. */
export function save(box: CallerBox, userId: string, name: string | null | undefined): Outcome<Contact> {
  const known = find(box.sql, userId)
  const held = known?.removed === 0 ? known : undefined
  if (held && (name === undefined || name === held.name)) return done(toContact(held))
  if (!held && count(box.sql) >= limits.contactsMax) return refuse('contacts_full')
  const created_at = held?.created_at ?? box.now
  return done(toContact(put(box, { user_id: userId, name: name ?? null, created_at, updated_at: box.now, removed: 0 })))
}

/** Forgets a contact; one that is not there is no fault. */
export function remove(box: CallerBox, userId: string): Outcome<null> {
  const known = find(box.sql, userId)
  if (known && !known.removed) put(box, { ...known, name: null, updated_at: box.now, removed: 1 })
  return done(null)
}

export interface ContactsPage {
  items: Contact[]
  next: string | null
}

/** The contacts after one, by id. */
export function list(box: CallerBox, after: string | null, limit: number): Outcome<ContactsPage> {
  const rows = box.sql
    .exec<ContactRow>(
      'SELECT * FROM contacts WHERE user_id > ? AND removed = 0 ORDER BY user_id LIMIT ?',
      after ?? '',
      limit + 1,
    )
    .toArray()
  const page = rows.slice(0, limit)
  return done({ items: page.map(toContact), next: rows.length > limit ? (page.at(-1)?.user_id ?? null) : null })
}
