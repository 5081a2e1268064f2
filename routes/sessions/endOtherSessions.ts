import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const endOtherSessions = define(
  {
    access: 'session',
    operationId: 'endOtherSessions',
    method: 'delete',
    path: '/v1/sessions',
    tags: ['Authentication'],
    summary: 'Sign all other devices out',
    description: 'Ends every session of the user but the one that asks, at once.',
    responses: { 204: noContent('The other sessions have ended.') },
  },
  async (c) => {
    await asCaller(c, (mailbox, caller) => mailbox.endOtherSessions(caller))
    return c.body(null, 204)
  },
)
