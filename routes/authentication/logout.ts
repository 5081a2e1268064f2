import { asCallerUnlessEnded } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const logout = define(
  {
    access: 'token',
    counts: 'account',
    operationId: 'logout',
    method: 'post',
    path: '/v1/auth/logout',
    tags: ['Authentication'],
    summary: 'Sign out of this session',
    description:
      'Immediately ends the session of the access token: its access and refresh tokens are rejected from now on. Idempotent: succeeds if the session has already ended, until the access token expires.',
    responses: { 204: noContent('The session has ended.') },
  },
  async (c) => {
    await asCallerUnlessEnded(c, (mailbox, caller) => mailbox.endSession(caller, caller.sessionId))
    return c.body(null, 204)
  },
)
