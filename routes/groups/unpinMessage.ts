import { PinParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const unpinMessage = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'unpinMessage',
    method: 'delete',
    path: '/v1/groups/{groupId}/pins/{messageId}',
    tags: ['Groups'],
    summary: 'Unpin a message',
    description:
      'Unpins a message for all members; the owner and admins can. The message changes: its `pinnedAt` is null again. Idempotent: succeeds if the message is not pinned.',
    request: { params: PinParams },
    responses: { 204: noContent('The message is not pinned.') },
    problems: ['chat_not_found', 'message_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId, messageId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.unpinMessage(caller, groupId, messageId))
    return c.body(null, 204)
  },
)
