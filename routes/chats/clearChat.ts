import { ChatParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const clearChat = define(
  {
    access: 'session',
    operationId: 'clearChat',
    method: 'delete',
    path: '/v1/chats/{chatId}',
    tags: ['Chats'],
    summary: 'Clear a chat',
    description:
      'Takes all messages held now away from the caller for good, and the chat from the list until the next message. The peer keeps theirs, and still receives what was on its way. Repeating is harmless.',
    request: { params: ChatParams },
    responses: { 204: noContent('Cleared.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.clearChat(caller, chatId))
    return c.body(null, 204)
  },
)
