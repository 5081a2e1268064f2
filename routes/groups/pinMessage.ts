import { PinParams } from '../../schemas/group'
import { Message } from '../../schemas/message'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const pinMessage = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'pinMessage',
    method: 'put',
    path: '/v1/groups/{groupId}/pins/{messageId}',
    tags: ['Groups'],
    summary: 'Pin a message',
    description:
      'Pins a message of the group for all members; the owner and admins can, and 50 messages can be pinned at a time. The message changes like by an edit: it has a `pinnedAt`. All members see a `messagePinned` event. Idempotent: a message that is pinned stays at its place. Deleting a message for everyone unpins it.',
    request: { params: PinParams },
    responses: { 200: json(Message, 'The current state of the message.') },
    problems: ['chat_not_found', 'message_not_found', 'message_deleted', 'not_allowed_in_group', 'pins_full'],
  },
  async (c) => {
    const { groupId, messageId } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.pinMessage(caller, groupId, messageId)), 200)
  },
)
