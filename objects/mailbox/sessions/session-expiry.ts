import type { Box } from '../context'
import * as rows from '../tables/sessions'

/**
 * Ends the sessions that have expired, when the mailbox is next used and before it answers: what it lists and what it
 * tells those who follow the changes is the same at every moment, and nothing has to wake for it.
 */
export class Expiry {
  /** None expires before then (epoch milliseconds), not even one that begins meanwhile. */
  #next = 0

  isDue(now: number): boolean {
    return now >= this.#next
  }

  settle(box: Box, lifetimes: rows.SessionLifetimes) {
    if (!this.isDue(box.now)) return
    let next = box.now + Math.min(lifetimes.idleMs, lifetimes.absoluteMs)
    for (const row of rows.unended(box.sql)) {
      const expiresAt = rows.expiresAt(row, lifetimes)
      if (expiresAt > box.now) next = Math.min(next, expiresAt)
      else rows.end(box, row.id, { reason: 'expired' })
    }
    this.#next = next
  }

  /** For after a transaction that was rolled back. */
  forget() {
    this.#next = 0
  }
}
