import type { Contact, ContactChange } from '../../../schemas/contact'
import { limits } from '../../../src/core/limits'
import type { Profile } from '../../../src/core/profile'
import { toTimestamp } from '../../../src/core/timestamp'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { accept } from '../chats/requests'
import type { CallerContext, MailboxContext } from '../context'
import * as rows from '../tables/contacts'
import { shownUser } from './shown-user'

const toContact = (context: CallerContext, row: rows.ContactRow): Contact => ({
  userId: row.user_id,
  name: row.name,
  user: shownUser(context, row),
  createdAt: toTimestamp(row.created_at),
  updatedAt: toTimestamp(row.updated_at),
})

/** A row as shown to a client that follows the changes. */
export const toContactChange = (context: CallerContext, row: rows.ContactRow): ContactChange => ({
  userId: row.user_id,
  contact: row.removed ? null : toContact(context, row),
})

/**
 * Saves a user, with their present profile, as a contact, or renames the contact. A name that is not given stays as it is.
 * Accepts their request.
 */
export function saveContact(context: CallerContext, found: Profile, name: string | null | undefined): Outcome<Contact> {
  const userId = found.id
  const { sql, now, chats } = context
  const known = rows.find(sql, userId)
  const held = known?.removed === 0 ? known : undefined
  if (held && (name === undefined || name === held.name)) return done(toContact(context, held))
  if (!held && rows.count(sql) >= limits.contactsMax) return refuse('contacts_full')
  const chat = chats.find(userId)
  if (chat) accept(context, chat)
  // As they are shown: the profile in the chat can be of before, and then the contact has to follow it.
  const profile = chat?.peer ?? JSON.stringify(found)
  const created_at = held?.created_at ?? now
  const saved = { user_id: userId, name: name ?? null, created_at, updated_at: now, removed: 0, profile, gone: 0 }
  return done(toContact(context, rows.save(context, saved)))
}

/** Idempotent: succeeds if there is no such contact. */
export function removeContact(context: CallerContext, userId: string): Outcome<null> {
  const known = rows.find(context.sql, userId)
  if (known && !known.removed)
    rows.save(context, { ...known, name: null, profile: null, updated_at: context.now, removed: 1 })
  return done(null)
}

/** Has contacts follow the chats of which this block has changed the profile, or which it has begun. */
export function touchContacts(context: MailboxContext) {
  for (const userId of context.chats.peersChangedInBlock()) {
    const contact = rows.find(context.sql, userId)
    const chat = context.chats.find(userId)
    if (!chat || contact?.removed !== 0) continue
    const shown = { profile: chat.peer_gone ? null : (chat.peer ?? contact.profile), gone: chat.peer_gone }
    if (shown.profile !== contact.profile || shown.gone !== contact.gone) rows.save(context, { ...contact, ...shown })
  }
}

export interface ContactsPage {
  items: Contact[]
  next: string | null
}

/** Lists the contacts after `after`, ordered by id. */
export function listContacts(context: CallerContext, after: string | null, limit: number): Outcome<ContactsPage> {
  const found = rows.after(context.sql, after ?? '', limit + 1)
  context.chats.load(found.map(({ user_id }) => user_id))
  return done(cutPage(found, { limit, toItem: (row) => toContact(context, row), placeOf: (row) => row.user_id }))
}
