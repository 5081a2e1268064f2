import { z } from '@hono/zod-openapi'
import { SessionId } from '../../schemas/ids'
import { asCaller, asCallerUnlessEnded } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const endSession = define(
  {
    access: 'session',
    counts: 'account',
    operationId: 'endSession',
    method: 'delete',
    path: '/v1/sessions/{sessionId}',
    tags: ['Authentication'],
    summary: 'Sign out a device',
    description:
      'Immediately ends one of your sessions. Idempotent: succeeds if that session has already ended, also if it is the one of the access token. Another user’s session does not exist for you.',
    request: { params: z.object({ sessionId: SessionId }) },
    responses: { 204: noContent('The session has ended.') },
    problems: ['session_not_found'],
  },
  async (c) => {
    const { sessionId } = c.req.valid('param')
    const call = sessionId === c.get('session').sessionId ? asCallerUnlessEnded<null> : asCaller<null>
    await call(c, (mailbox, caller) => mailbox.endSession(caller, sessionId))
    return c.body(null, 204)
  },
)
