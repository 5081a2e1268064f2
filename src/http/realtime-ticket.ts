import type { Ticket } from '../../schemas/realtime'
import { problem } from '../core/errors'
import { idPattern } from '../core/ids'
import { toTimestamp } from '../core/timestamp'
import type { IssuedTicket } from './mailbox-client'

const shape = new RegExp(`^tk_(?<userId>${idPattern('user').slice(1, -1)})\\.(?<secret>[\\w-]{43})$`)

/** A ticket includes its user's id, so that the mailbox that knows the ticket can be found. */
export const toTicket = (userId: string, { secret, expiresAt }: IssuedTicket): Ticket => ({
  ticket: `tk_${userId}.${secret}`,
  expiresAt: toTimestamp(expiresAt),
})

/** Returns the parts of a ticket. Throws `ticket_invalid` if it does not have the shape of one. */
export function parseTicket(ticket: string) {
  const { userId, secret } = shape.exec(ticket)?.groups ?? {}
  if (!userId || !secret) throw problem('ticket_invalid')
  return { userId, secret }
}
