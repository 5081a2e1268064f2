import { Message } from '../../schemas/message'
import { ReactionParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const addReaction = define(
  {
    access: 'session',
    counts: 'message',
    operationId: 'addReaction',
    method: 'put',
    path: '/v1/chats/{chatId}/messages/{messageId}/reactions/{emoji}',
    tags: ['Messages'],
    summary: 'React to a message',
    description:
      'Adds one emoji to a message from either side; both sides see it. You can use each emoji once per message, and up to 20 different ones. Idempotent. A new reaction counts against the same limit as a message sent.',
    request: { params: ReactionParams },
    responses: { 200: json(Message, 'The current state of the message.') },
    problems: [
      'chat_not_found',
      'message_not_found',
      'message_deleted',
      'blocked_by_you',
      'reactions_full',
      'sends_exhausted',
    ],
  },
  async (c) => {
    const { chatId, messageId, emoji } = c.req.valid('param')
    const message = await asCaller(c, (mailbox, caller) => mailbox.addReaction(caller, chatId, messageId, emoji))
    return c.json(message, 200)
  },
)
