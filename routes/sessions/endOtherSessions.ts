import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const endOtherSessions = define(
  {
    access: 'session',
    counts: 'account',
    operationId: 'endOtherSessions',
    method: 'delete',
    path: '/v1/sessions',
    tags: ['Authentication'],
    summary: 'Sign out all other devices',
    description: 'Immediately ends all your sessions except the one that makes the request.',
    responses: { 204: noContent('The other sessions have ended.') },
  },
  async (c) => {
    await asCaller(c, (mailbox, caller) => mailbox.endOtherSessions(caller))
    return c.body(null, 204)
  },
)
