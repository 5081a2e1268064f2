import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const logout = define(
  {
    access: 'session',
    operationId: 'logout',
    method: 'post',
    path: '/v1/auth/logout',
    tags: ['Authentication'],
    summary: 'Sign out of this session',
    description:
      'Immediately ends the session of the access token: its access and refresh tokens are rejected from now on.',
    responses: { 204: noContent('The session has ended.') },
  },
  async (c) => {
    await asCaller(c, (mailbox, caller) => mailbox.endSession(caller, caller.sessionId))
    return c.body(null, 204)
  },
)
