import { UserParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const unblockUser = define(
  {
    access: 'session',
    operationId: 'unblockUser',
    method: 'delete',
    path: '/v1/blocks/{userId}',
    tags: ['Contacts'],
    summary: 'Unblock a user',
    description:
      'From now on messages pass again. What the user sent, edited or reacted under the block never arrives, however long it was on its way. If the user’s mailbox cannot be reached, the answer is a 503 and the block stays. A user who is not blocked is no fault.',
    request: { params: UserParams },
    responses: { 204: noContent('Not blocked any more.') },
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.unblockUser(caller, userId))
    return c.body(null, 204)
  },
)
