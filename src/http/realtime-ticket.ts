import type { Ticket } from '../../schemas/realtime'
import { problem } from '../core/errors'
import { idPattern } from '../core/ids'
import { toTimestamp } from '../core/timestamp'
import type { Config } from '../settings/config'
import { macCharacters, shortMac, verifyShortMac } from '../settings/signing'
import type { IssuedTicket } from './mailbox-client'

const shape = new RegExp(
  `^(?<body>tk_(?<userId>${idPattern('user').slice(1, -1)})\\.(?<secret>[\\w-]{43}))\\.(?<mac>[\\w-]{${macCharacters}})$`,
)

/**
 * A ticket includes its user's id, so that the mailbox that knows the ticket can be found, and a MAC, so that nobody can
 * reach a mailbox with an invented one.
 */
export function toTicket(config: Config, userId: string, { secret, expiresAt }: IssuedTicket): Ticket {
  const body = `tk_${userId}.${secret}`
  return { ticket: `${body}.${shortMac(config, 'ticket-mac', body)}`, expiresAt: toTimestamp(expiresAt) }
}

/** Returns the parts of a ticket. Throws `ticket_invalid` if it was not issued here. */
export function parseTicket(config: Config, ticket: string) {
  const { userId, secret, body, mac } = shape.exec(ticket)?.groups ?? {}
  if (!userId || !secret || !body || !mac || !verifyShortMac(config, 'ticket-mac', body, mac))
    throw problem('ticket_invalid')
  return { userId, secret }
}
