import { Message } from '../../schemas/message'
import { ReactionParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const removeReaction = define(
  {
    access: 'session',
    operationId: 'removeReaction',
    method: 'delete',
    path: '/v1/chats/{chatId}/messages/{messageId}/reactions/{emoji}',
    tags: ['Messages'],
    summary: 'Take a reaction back',
    description: 'Takes one’s own emoji away from a message, on both sides. One that is not there is no fault.',
    request: { params: ReactionParams },
    responses: { 200: json(Message, 'The message as it is now.') },
    problems: ['chat_not_found', 'message_not_found', 'message_deleted', 'blocked_by_you'],
  },
  async (c) => {
    const { chatId, messageId, emoji } = c.req.valid('param')
    const message = await asCaller(c, (mailbox, caller) => mailbox.removeReaction(caller, chatId, messageId, emoji))
    return c.json(message, 200)
  },
)
