import { limits } from '../../../src/core/limits'
import { isInAudience } from '../contacts/audiences'
import type { MailboxContext } from '../context'
import type { KeyValues } from '../tables/key-values'

/** Sent from one mailbox to another; transient and never stored. */
export type Signal =
  | { from: string; kind: 'typing'; groupId?: string }
  | ({ from: string; kind: 'presence' } & PresenceState)

/** What a watcher may know. If they may not know it, `online` is false and `lastSeenAt` is null. */
export interface PresenceState {
  online: boolean
  /** Epoch milliseconds; null while online. */
  lastSeenAt: number | null
}

export interface PresenceSubscription {
  from: string
  /** Epoch milliseconds. */
  until: number
}

export const unseen: PresenceState = { online: false, lastSeenAt: null }

/** What presence needs from the sockets. */
interface Source {
  /** When each open socket was last heard from. */
  heardAt: () => number[]
  tell: (userId: string, signal: Signal) => void
}

interface Stored {
  online: boolean
  lastSeenAt: number
}

/** Whether this is another user with whom the owner has a chat and whom the owner has not blocked. */
export const isPeer = (context: MailboxContext, userId: string) =>
  userId !== context.userId && context.chats.find(userId) !== undefined && !context.blocks.isBlocked(userId)

const mayKnow = (context: MailboxContext, userId: string) => isInAudience(context, userId, 'presenceAudience')

/** Whether this is a peer who learns when the owner is online or types: not before the owner has accepted the chat. */
export const isTold = (context: MailboxContext, userId: string) =>
  isPeer(context, userId) && context.chats.find(userId)?.accepted === 1

function read(values: KeyValues): Stored {
  const stored = values.read('presence')
  return stored === undefined ? { online: false, lastSeenAt: 0 } : JSON.parse(stored)
}

/** What somebody whom the owner has blocked may know: the owner left at that time, and has not come back. */
const departed = (context: MailboxContext, userId: string): PresenceState => ({
  online: false,
  lastSeenAt: context.blocks.find(userId)?.seen_at || null,
})

/** When a user would have seen the owner last if the owner left now (epoch milliseconds), or 0 if they may not know. */
export function seenUntil(context: MailboxContext, userId: string): number {
  if (!isTold(context, userId) || !mayKnow(context, userId)) return 0
  const { online, lastSeenAt } = read(context.values)
  return online ? context.now : lastSeenAt
}

/**
 * Whether the owner is online: a socket was heard from in the last 90 seconds. No timer watches this. One row holds
 * what was last reported; the next socket event or query corrects it and tells the watchers.
 */
export class Presence {
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  /** Brings the row up to date. `closedHeardAt` is when a socket that is closed now was last heard from. */
  settle(context: MailboxContext, closedHeardAt = 0) {
    const stored = read(context.values)
    const isFresh = (heardAt: number) => heardAt > context.now - limits.presenceFreshMs
    const open = this.#source.heardAt()
    const online = open.some(isFresh)
    if (online === stored.online) return
    const heardAt = Math.max(closedHeardAt, stored.lastSeenAt, ...open)
    const lastSeenAt = online || isFresh(closedHeardAt) ? context.now : heardAt
    context.values.write('presence', JSON.stringify({ online, lastSeenAt } satisfies Stored))
    for (const userId of this.#subscribers(context)) if (mayKnow(context, userId)) this.#tell(context, userId)
  }

  /** Remembers the watcher and returns the presence, or null if the watcher may not know it. */
  subscribe(context: MailboxContext, { from, until }: PresenceSubscription): PresenceState | null {
    if (context.blocks.isBlocked(from)) return departed(context, from)
    if (!isTold(context, from)) return null
    context.sql.exec(
      `INSERT INTO watchers (user_id, until) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET until = excluded.until WHERE until < excluded.until - ?`,
      from,
      until,
      limits.presenceRenewMs,
    )
    this.settle(context)
    return mayKnow(context, from) ? this.#seen(context) : null
  }

  /** Called when others than before may know the owner's presence: all watchers, or one. */
  tellSubscribers(context: MailboxContext, only?: string) {
    for (const userId of this.#subscribers(context))
      if (only === undefined || userId === only) this.#tell(context, userId)
  }

  #subscribers(context: MailboxContext): string[] {
    context.sql.exec('DELETE FROM watchers WHERE until <= ?', context.now)
    const watchers = context.sql.exec<{ user_id: string }>('SELECT user_id FROM watchers').toArray()
    return watchers.map(({ user_id }) => user_id).filter((userId) => isTold(context, userId))
  }

  #tell(context: MailboxContext, userId: string) {
    const seen = mayKnow(context, userId) ? this.#seen(context) : unseen
    this.#source.tell(userId, { from: context.userId, kind: 'presence', ...seen })
  }

  /** Forgets a watcher whom the owner has just blocked. To them, the owner has left. */
  hideFrom(context: MailboxContext, userId: string) {
    const forgotten = context.sql.exec('DELETE FROM watchers WHERE user_id = ? RETURNING 1', userId).toArray()
    if (forgotten.length === 0) return
    this.#source.tell(userId, { from: context.userId, kind: 'presence', ...departed(context, userId) })
  }

  #seen(context: MailboxContext): PresenceState {
    const { online, lastSeenAt } = read(context.values)
    return { online, lastSeenAt: online ? null : lastSeenAt || null }
  }
}
