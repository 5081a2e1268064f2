import type { Ticket } from '../../schemas/realtime'
import { problem } from '../core/errors'
import { idPattern } from '../core/ids'
import { toTimestamp } from '../core/timestamp'
import type { IssuedTicket } from './mailbox-client'

const shape = new RegExp(`^tk_(?<userId>${idPattern('user').slice(1, -1)})\\.(?<secret>[\\w-]{43})$`)

/** A ticket names its user, so that the mailbox which knows it can be found. */
export const toTicket = (userId: string, { secret, expiresAt }: IssuedTicket): Ticket => ({
  ticket: `tk_${userId}.${secret}`,
  expiresAt: toTimestamp(expiresAt),
})

/** The parts of a ticket; throws `ticket_invalid` for what has not the shape of one. */
export function parseTicket(ticket: string) {
  const { userId, secret } = shape.exec(ticket)?.groups ?? {}
  if (!userId || !secret) throw problem('ticket_invalid')
  return { userId, secret }
}
