import { Chat, ChatSettings } from '../../schemas/chat'
import { ChatParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const updateChat = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'updateChat',
    method: 'patch',
    path: '/v1/chats/{chatId}',
    tags: ['Chats'],
    summary: 'Pin, mute, archive, accept, or mark a chat as unread',
    description:
      'Changes the fields you send, for your own view on all your devices; the peer sees none of it, except that you accepted a message request. Once accepted, the peer learns when you are online and type, and what you mark as read from then on. A new message unarchives a chat unless it is muted. `markChatRead` clears `markedUnread`.',
    request: { params: ChatParams, body: jsonBody(ChatSettings) },
    responses: { 200: json(Chat, 'The current state of the chat.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    const settings = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.updateChat(caller, chatId, settings)), 200)
  },
)
