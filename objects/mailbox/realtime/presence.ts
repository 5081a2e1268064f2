import { limits } from '../../../src/core/limits'
import type { MailboxContext } from '../context'
import * as keyValues from '../tables/key-values'

/** Sent from one mailbox to another; transient and never stored. */
export type Signal = { from: string; kind: 'typing' } | ({ from: string; kind: 'presence' } & PresenceState)

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
  isHidden: () => boolean
  tell: (userId: string, signal: Signal) => void
}

interface Stored {
  online: boolean
  lastSeenAt: number
}

/** Whether this is another user with whom the owner has a chat and whom the owner has not blocked. */
export const isPeer = (context: MailboxContext, userId: string) =>
  userId !== context.userId && context.chats.find(userId) !== undefined && !context.blocks.isBlocked(userId)

function read(sql: SqlStorage): Stored {
  const stored = keyValues.read(sql, 'presence')
  return stored === undefined ? { online: false, lastSeenAt: 0 } : JSON.parse(stored)
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
    const stored = read(context.sql)
    const isFresh = (heardAt: number) => heardAt > context.now - limits.presenceFreshMs
    const open = this.#source.heardAt()
    const online = open.some(isFresh)
    if (online === stored.online) return
    const heardAt = Math.max(closedHeardAt, stored.lastSeenAt, ...open)
    const lastSeenAt = online || isFresh(closedHeardAt) ? context.now : heardAt
    keyValues.write(context.sql, 'presence', JSON.stringify({ online, lastSeenAt } satisfies Stored))
    if (!this.#source.isHidden()) this.tellSubscribers(context)
  }

  /** Remembers the watcher and returns the presence, or null if the watcher may not know it. */
  subscribe(context: MailboxContext, { from, until }: PresenceSubscription): PresenceState | null {
    if (!isPeer(context, from)) return null
    context.sql.exec(
      `INSERT INTO watchers (user_id, until) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET until = excluded.until WHERE until < excluded.until - ?`,
      from,
      until,
      limits.presenceRenewMs,
    )
    this.settle(context)
    return this.#source.isHidden() ? null : this.#seen(context)
  }

  /** Also called when the owner starts or stops hiding their presence. */
  tellSubscribers(context: MailboxContext) {
    context.sql.exec('DELETE FROM watchers WHERE until <= ?', context.now)
    const watchers = context.sql.exec<{ user_id: string }>('SELECT user_id FROM watchers').toArray()
    const seen = this.#source.isHidden() ? unseen : this.#seen(context)
    for (const { user_id } of watchers)
      if (isPeer(context, user_id)) this.#source.tell(user_id, { from: context.userId, kind: 'presence', ...seen })
  }

  /** Forgets a watcher, and leaves them with what they would know of anyone who is not there. */
  hideFrom(context: MailboxContext, userId: string) {
    const forgotten = context.sql.exec('DELETE FROM watchers WHERE user_id = ? RETURNING 1', userId).toArray()
    if (forgotten.length > 0) this.#source.tell(userId, { from: context.userId, kind: 'presence', ...unseen })
  }

  #seen(context: MailboxContext): PresenceState {
    const { online, lastSeenAt } = read(context.sql)
    return { online, lastSeenAt: online ? null : lastSeenAt || null }
  }
}
