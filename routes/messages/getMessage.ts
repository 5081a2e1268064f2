import { Message } from '../../schemas/message'
import { MessageParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const getMessage = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getMessage',
    method: 'get',
    path: '/v1/chats/{chatId}/messages/{messageId}',
    tags: ['Messages'],
    summary: 'Get a message',
    description: 'Returns one message of a chat, in its current state.',
    request: { params: MessageParams },
    responses: { 200: json(Message, 'The message.') },
    problems: ['chat_not_found', 'message_not_found'],
  },
  async (c) => {
    const { chatId, messageId } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.getMessage(caller, chatId, messageId)), 200)
  },
)
