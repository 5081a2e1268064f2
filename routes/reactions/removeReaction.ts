import { Message } from '../../schemas/message'
import { ReactionParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const removeReaction = define(
  {
    access: 'session',
    counts: 'message',
    operationId: 'removeReaction',
    method: 'delete',
    path: '/v1/chats/{chatId}/messages/{messageId}/reactions/{emoji}',
    tags: ['Messages'],
    summary: 'Remove a reaction',
    description:
      'Removes your emoji from a message, on both sides. Idempotent: succeeds if the reaction is not there. A removal counts against the same limit as a message sent.',
    request: { params: ReactionParams },
    responses: { 200: json(Message, 'The current state of the message.') },
    problems: ['chat_not_found', 'message_not_found', 'message_deleted', 'blocked_by_you', 'sends_exhausted'],
  },
  async (c) => {
    const { chatId, messageId, emoji } = c.req.valid('param')
    const message = await asCaller(c, (mailbox, caller) => mailbox.removeReaction(caller, chatId, messageId, emoji))
    return c.json(message, 200)
  },
)
