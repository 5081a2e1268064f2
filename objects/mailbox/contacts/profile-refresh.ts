import * as users from '../../../repositories/users'
import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import type { Profile } from '../../../src/core/profile'
import type { MailboxContext } from '../context'
import type { MailboxStore } from '../store'
import * as contacts from '../tables/contacts'

/**
 * Profiles of contacts and blocked users without a chat. A chat brings its peer's profile along; these are compared with
 * D1 while the owner uses the app: some at a time, and at most once in a while. What has changed becomes a change for the
 * owner's devices. Nothing is stored about the comparison: if it fails, a later one makes up for it.
 */
export class ProfileRefresh {
  readonly #store: MailboxStore
  readonly #db: D1Database
  readonly #waitUntil: (promise: Promise<unknown>) => void
  #refreshedAt = Number.NEGATIVE_INFINITY
  /** The last user whose profile was compared; the next ones follow, and after the last of them the first. */
  #after = ''

  constructor(store: MailboxStore, db: D1Database, waitUntil: (promise: Promise<unknown>) => void) {
    this.#store = store
    this.#db = db
    this.#waitUntil = waitUntil
  }

  /** Has the profiles compared soon, unless that was done a moment ago. */
  ask() {
    const now = Date.now()
    if (!this.#isStaying() || Math.abs(now - this.#refreshedAt) < limits.contactsRefreshMs) return
    this.#refreshedAt = now
    this.#waitUntil(this.#refresh().catch((error) => events.contactsRefreshFailed({ error })))
  }

  #isStaying() {
    return this.#store.isLive && this.#store.erasure === null
  }

  async #refresh() {
    const known = knownWithoutChat(this.#store.context(), this.#after)
    this.#after = known.length < limits.contactsRefreshedAtOnce ? '' : (known.at(-1)?.user_id ?? '')
    if (known.length === 0) return
    const found = await users.findMany(
      this.#db,
      known.map(({ user_id }) => user_id),
    )
    const byId = new Map(found.map(({ profile }) => [profile.id, profile]))
    const changed = known.filter((one) => isChanged(one, byId.get(one.user_id)))
    if (changed.length === 0 || !this.#isStaying()) return
    this.#store.write((context) => {
      for (const { user_id } of changed) applyProfile(context, user_id, byId.get(user_id))
    })
  }
}

interface Known {
  user_id: string
  profile: string | null
  gone: number
  isBlocked: boolean
}

const isChanged = ({ profile, gone, isBlocked }: Known, found: Profile | undefined) =>
  found ? !isBlocked && profile !== JSON.stringify(found) : gone === 0

/** The next contacts and blocked users without a chat, ordered by id. */
function knownWithoutChat({ sql, blocks, chats }: MailboxContext, after: string): Known[] {
  const isBlocked = (userId: string) => blocks.isBlocked(userId)
  const saved = contacts.withoutChat(sql, after, limits.contactsRefreshedAtOnce)
  const blocked = blocks.all().filter((row) => row.blocked && row.user_id > after && !chats.find(row.user_id))
  return [...saved, ...blocked]
    .map(({ user_id, profile, gone }) => ({ user_id, profile, gone, isBlocked: isBlocked(user_id) }))
    .sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
    .slice(0, limits.contactsRefreshedAtOnce)
}

/** Stores what D1 says of a user: under a block, only that they are gone. */
function applyProfile(context: MailboxContext, userId: string, found: Profile | undefined) {
  if (context.chats.find(userId)) return
  if (!found) context.blocks.forgetProfile(userId)
  const contact = contacts.find(context.sql, userId)
  if (!contact || contact.removed) return
  if (!found) contacts.save(context, { ...contact, profile: null, gone: 1 })
  else if (!context.blocks.isBlocked(userId))
    contacts.save(context, { ...contact, profile: JSON.stringify(found), gone: 0 })
}
