import { Chat } from '../../schemas/chat'
import { ChatParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const getChat = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getChat',
    method: 'get',
    path: '/v1/chats/{chatId}',
    tags: ['Chats'],
    summary: 'Get a chat',
    description:
      'Returns one of your chats, or a group that you are in. A chat exists as soon as it has its first message; before that, and for other users, it does not exist.',
    request: { params: ChatParams },
    responses: { 200: json(Chat, 'The chat.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.getChat(caller, chatId)), 200)
  },
)
