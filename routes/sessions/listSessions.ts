import { Sessions } from '../../schemas/session'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const listSessions = define(
  {
    access: 'session',
    operationId: 'listSessions',
    method: 'get',
    path: '/v1/sessions',
    tags: ['Authentication'],
    summary: 'List the signed-in devices',
    description: 'The live sessions of the user, last used first; at most 50, in one page.',
    responses: { 200: json(Sessions, 'The sessions.') },
  },
  async (c) =>
    c.json({ items: await asCaller(c, (mailbox, caller) => mailbox.listSessions(caller)), nextCursor: null }, 200),
)
