import type { Contact, ContactChange } from '../../../schemas/contact'
import { limits } from '../../../src/core/limits'
import { toTimestamp } from '../../../src/core/timestamp'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { accept } from '../chats/requests'
import type { CallerContext } from '../context'
import * as rows from '../tables/contacts'

const toContact = (row: rows.ContactRow): Contact => ({
  userId: row.user_id,
  name: row.name,
  createdAt: toTimestamp(row.created_at),
  updatedAt: toTimestamp(row.updated_at),
})

/** A row as shown to a client that follows the changes. */
export const toContactChange = (row: rows.ContactRow): ContactChange => ({
  userId: row.user_id,
  contact: row.removed ? null : toContact(row),
})

/** Saves a user as a contact, or renames the contact. A name that is not given stays as it is. Accepts their request. */
export function saveContact(context: CallerContext, userId: string, name: string | null | undefined): Outcome<Contact> {
  const { sql, now, chats } = context
  const known = rows.find(sql, userId)
  const held = known?.removed === 0 ? known : undefined
  if (held && (name === undefined || name === held.name)) return done(toContact(held))
  if (!held && rows.count(sql) >= limits.contactsMax) return refuse('contacts_full')
  const chat = chats.find(userId)
  if (chat) accept(context, chat)
  const created_at = held?.created_at ?? now
  const saved = rows.save(context, { user_id: userId, name: name ?? null, created_at, updated_at: now, removed: 0 })
  return done(toContact(saved))
}

/** Idempotent: succeeds if there is no such contact. */
export function removeContact(context: CallerContext, userId: string): Outcome<null> {
  const known = rows.find(context.sql, userId)
  if (known && !known.removed) rows.save(context, { ...known, name: null, updated_at: context.now, removed: 1 })
  return done(null)
}

export interface ContactsPage {
  items: Contact[]
  next: string | null
}

/** Lists the contacts after `after`, ordered by id. */
export function listContacts({ sql }: CallerContext, after: string | null, limit: number): Outcome<ContactsPage> {
  const found = rows.after(sql, after ?? '', limit + 1)
  return done(cutPage(found, { limit, toItem: toContact, placeOf: (row) => row.user_id }))
}
