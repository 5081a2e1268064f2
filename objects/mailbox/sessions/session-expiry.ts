import type { Cache } from '../../durable/unit-of-work'
import type { MailboxContext } from '../context'
import * as rows from '../tables/sessions'

/**
 * Ends expired and revoked sessions when the mailbox is next used, before it responds. So the list of sessions and what followers
 * of the changes are told agree at every moment, and nothing has to wake for it.
 */
export class SessionExpiry implements Cache {
  /** No session expires before then (epoch milliseconds), not even one that starts in the meantime. */
  #next = 0
  #notBefore = 0

  isDue(now: number, { notBefore }: rows.SessionLifetimes): boolean {
    return now >= this.#next || notBefore > this.#notBefore
  }

  settle(context: MailboxContext, lifetimes: rows.SessionLifetimes) {
    if (!this.isDue(context.now, lifetimes)) return
    let next = context.now + Math.min(lifetimes.idleMs, lifetimes.absoluteMs)
    for (const row of context.sessions.unended()) {
      const expiresAt = rows.expiresAt(row, lifetimes)
      if (expiresAt > context.now) next = Math.min(next, expiresAt)
      else context.sessions.end(context, row.id, { reason: rows.isRevoked(row, lifetimes) ? 'revoked' : 'expired' })
    }
    this.#next = next
    this.#notBefore = lifetimes.notBefore
  }

  forget() {
    this.#next = 0
    this.#notBefore = 0
  }
}
