import { UserParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const unblockUser = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'unblockUser',
    method: 'delete',
    path: '/v1/blocks/{userId}',
    tags: ['Contacts'],
    summary: 'Unblock a user',
    description:
      'From now on, messages get through again. Messages, edits, and reactions that the user sent during the block never arrive, no matter how long they were on their way. If the user’s mailbox cannot be reached, the call returns 503 and the block stays. Idempotent: succeeds if the user is not blocked.',
    request: { params: UserParams },
    responses: { 204: noContent('The user is no longer blocked.') },
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.unblockUser(caller, userId))
    return c.body(null, 204)
  },
)
