import { Ticket } from '../../schemas/realtime'
import { limits } from '../../src/core/limits'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { toTicket } from '../../src/http/realtime-ticket'
import { readConfig } from '../../src/settings/config'

export const createRealtimeTicket = define(
  {
    access: 'session',
    counts: 'ticket',
    operationId: 'createRealtimeTicket',
    method: 'post',
    path: '/v1/realtime/tickets',
    tags: ['Realtime'],
    summary: 'Create a WebSocket ticket',
    description: `For clients that cannot set headers on a WebSocket, such as browsers: \`connectRealtime\` accepts the ticket instead of an access token. A ticket opens one connection for this session, within ${limits.ticketSeconds} seconds.`,
    responses: { 201: json(Ticket, 'The ticket.') },
  },
  async (c) => {
    const issued = await asCaller(c, (mailbox, caller) => mailbox.createTicket(caller))
    return c.json(toTicket(readConfig(c.env), c.get('session').userId, issued), 201)
  },
)
