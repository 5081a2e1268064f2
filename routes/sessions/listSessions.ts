import { Sessions } from '../../schemas/session'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const listSessions = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listSessions',
    method: 'get',
    path: '/v1/sessions',
    tags: ['Authentication'],
    summary: 'List your signed-in devices',
    description: 'Returns your active sessions, most recently used first: at most 50, on one page.',
    responses: { 200: json(Sessions, 'Your active sessions.') },
  },
  async (c) =>
    c.json({ items: await asCaller(c, (mailbox, caller) => mailbox.listSessions(caller)), nextCursor: null }, 200),
)
