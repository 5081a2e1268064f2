import { createHash, randomBytes } from 'node:crypto'
import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import type { CallerContext, MailboxContext } from '../context'

/** WebSocket tickets: each opens one socket, for the session that created it. Nothing stored is a ticket. */
export interface IssuedTicket {
  secret: string
  /** Epoch milliseconds. */
  expiresAt: number
}

type TicketRow = { session_id: string; expires_at: number }

const hash = (secret: string) => createHash('sha256').update(secret).digest('base64url')

export function issue(context: CallerContext): Outcome<IssuedTicket> {
  const secret = randomBytes(32).toString('base64url')
  const expiresAt = context.now + limits.ticketSeconds * 1000
  context.sql.exec('DELETE FROM tickets WHERE expires_at <= ?', context.now)
  context.sql.exec(
    'INSERT INTO tickets (hash, session_id, expires_at) VALUES (?, ?, ?)',
    hash(secret),
    context.sessionId,
    expiresAt,
  )
  return done({ secret, expiresAt })
}

/** Returns the session that a ticket was created for, or null if the ticket is not valid. Either way it is used up. */
export function redeem(context: MailboxContext, secret: string): string | null {
  const row = context.sql
    .exec<TicketRow>('DELETE FROM tickets WHERE hash = ? RETURNING session_id, expires_at', hash(secret))
    .toArray()[0]
  return row && row.expires_at > context.now ? row.session_id : null
}
