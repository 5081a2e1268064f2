import { limits } from '../../../src/core/limits'
import type { Box } from '../context'
import * as meta from '../tables/key-values'

/** Sent from one mailbox to another for the moment, and never stored. */
export type Signal = { from: string; kind: 'typing' } | ({ from: string; kind: 'presence' } & Seen)

/** What a watcher may know. Both are false and null when it is not for them to know. */
export interface Seen {
  online: boolean
  /** Epoch milliseconds; null while online. */
  lastSeenAt: number | null
}

export interface Watch {
  from: string
  /** Epoch milliseconds. */
  until: number
}

export const unseen: Seen = { online: false, lastSeenAt: null }

/** What presence needs of the sockets. */
interface Source {
  /** When each open socket was last heard of. */
  heardAt: () => number[]
  isHidden: () => boolean
  tell: (userId: string, signal: Signal) => void
}

interface Stored {
  online: boolean
  lastSeenAt: number
}

/** Another user with whom there is a chat, and whom the owner has not blocked. */
export const isPeer = (box: Box, userId: string) =>
  userId !== box.userId && box.chats.find(userId) !== undefined && !box.blocks.isBlocked(userId)

function read(sql: SqlStorage): Stored {
  const stored = meta.read(sql, 'presence')
  return stored === undefined ? { online: false, lastSeenAt: 0 } : JSON.parse(stored)
}

/**
 * Whether the owner is online: a socket was heard of in the last 90 seconds. No timer watches over that. One row holds
 * what was told last, and whatever happens next to the sockets, or is asked, corrects it and tells the watchers.
 */
export class Presence {
  readonly #source: Source

  constructor(source: Source) {
    this.#source = source
  }

  /** Brings the row up to date; `closedHeardAt` is when a socket that is gone now was last heard of. */
  settle(box: Box, closedHeardAt = 0) {
    const stored = read(box.sql)
    const isFresh = (heardAt: number) => heardAt > box.now - limits.presenceFreshMs
    const open = this.#source.heardAt()
    const online = open.some(isFresh)
    if (online === stored.online) return
    const heardAt = Math.max(closedHeardAt, stored.lastSeenAt, ...open)
    const lastSeenAt = online || isFresh(closedHeardAt) ? box.now : heardAt
    meta.write(box.sql, 'presence', JSON.stringify({ online, lastSeenAt } satisfies Stored))
    if (!this.#source.isHidden()) this.tellWatchers(box)
  }

  /** Remembers who wants to know, and answers them; null when nothing is for them to know. */
  watch(box: Box, { from, until }: Watch): Seen | null {
    if (!isPeer(box, from)) return null
    box.sql.exec(
      `INSERT INTO watchers (user_id, until) VALUES (?, ?)
       ON CONFLICT (user_id) DO UPDATE SET until = excluded.until WHERE until < excluded.until - ?`,
      from,
      until,
      limits.presenceRenewMs,
    )
    this.settle(box)
    return this.#source.isHidden() ? null : this.#seen(box)
  }

  /** Also for a user who begins or ends to hide it. */
  tellWatchers(box: Box) {
    box.sql.exec('DELETE FROM watchers WHERE until <= ?', box.now)
    const watchers = box.sql.exec<{ user_id: string }>('SELECT user_id FROM watchers').toArray()
    const seen = this.#source.isHidden() ? unseen : this.#seen(box)
    for (const { user_id } of watchers)
      if (isPeer(box, user_id)) this.#source.tell(user_id, { from: box.userId, kind: 'presence', ...seen })
  }

  /** Forgets one who watches, and leaves them with what they know of anybody who is not there. */
  hideFrom(box: Box, userId: string) {
    const forgotten = box.sql.exec('DELETE FROM watchers WHERE user_id = ? RETURNING 1', userId).toArray()
    if (forgotten.length > 0) this.#source.tell(userId, { from: box.userId, kind: 'presence', ...unseen })
  }

  #seen(box: Box): Seen {
    const { online, lastSeenAt } = read(box.sql)
    return { online, lastSeenAt: online ? null : lastSeenAt || null }
  }
}
