import { limits } from '../../../src/core/limits'
import type { Cache } from '../../durable/unit-of-work'
import { floorOf, type MemberRow } from '../tables/members'
import { mentionsAbove } from '../tables/mentions'
import { countUnread } from '../tables/messages'

export interface Counts {
  unread: number
  mentions: number
  lastMentionId: string | null
}

const most = limits.groupUnreadMax

/** Nothing up to here is unread. */
const readUpTo = (member: MemberRow) => {
  const floor = floorOf(member)
  return member.read_id > floor ? member.read_id : floor
}

/**
 * How much each member has not read. Counted when it is first asked for, and then kept up to date as messages are sent;
 * anything else makes it forget.
 */
export class UnreadCounts implements Cache {
  readonly #sql: SqlStorage
  readonly #known = new Map<string, Counts>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  of(member: MemberRow): Counts {
    const known = this.#known.get(member.user_id)
    if (known) return known
    const from = readUpTo(member)
    const counts = {
      unread: Math.min(countUnread(this.#sql, member.user_id, from, limits.groupUnreadScanned) ?? most, most),
      ...mentionsAbove(this.#sql, member.user_id, from, most),
    }
    this.#known.set(member.user_id, counts)
    return counts
  }

  /** A message was sent: it is above every read mark. */
  sent(senderId: string, messageId: string, mentioned: readonly string[]) {
    for (const [userId, { unread, mentions, lastMentionId }] of this.#known)
      if (userId !== senderId)
        this.#known.set(userId, {
          unread: Math.min(unread + 1, most),
          ...(mentioned.includes(userId)
            ? { mentions: Math.min(mentions + 1, most), lastMentionId: messageId }
            : { mentions, lastMentionId }),
        })
  }

  /** Something has changed that counts are made of: for everybody, or for one member. */
  changed(userId?: string) {
    if (userId === undefined) this.#known.clear()
    else this.#known.delete(userId)
  }

  forget() {
    this.#known.clear()
  }
}
