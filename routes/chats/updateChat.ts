import { Chat, ChatSettings } from '../../schemas/chat'
import { ChatParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const updateChat = define(
  {
    access: 'session',
    operationId: 'updateChat',
    method: 'patch',
    path: '/v1/chats/{chatId}',
    tags: ['Chats'],
    summary: 'Pin, mute, archive or mark a chat',
    description:
      'Changes the fields that are present, for the caller’s own view on all their devices; the peer learns nothing. A new message takes a chat out of the archive unless it is muted. `markChatRead` takes `markedUnread` off.',
    request: { params: ChatParams, body: jsonBody(ChatSettings) },
    responses: { 200: json(Chat, 'The chat as it is now.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    const settings = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.updateChat(caller, chatId, settings)), 200)
  },
)
