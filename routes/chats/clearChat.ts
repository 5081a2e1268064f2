import { ChatParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const clearChat = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'clearChat',
    method: 'delete',
    path: '/v1/chats/{chatId}',
    tags: ['Chats'],
    summary: 'Clear a chat',
    description:
      'Permanently removes all current messages for you, with your right to their files, and removes the chat from the list until the next message. Their texts leave your mailbox within moments, those still on their way once they have arrived. Others keep their messages. You stay in a group: to leave it, use `leaveGroup`. Safe to repeat.',
    request: { params: ChatParams },
    responses: { 204: noContent('The chat was cleared.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.clearChat(caller, chatId))
    return c.body(null, 204)
  },
)
