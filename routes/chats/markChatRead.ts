import { Chat, ReadMark } from '../../schemas/chat'
import { ChatParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const markChatRead = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'markChatRead',
    method: 'put',
    path: '/v1/chats/{chatId}/read',
    tags: ['Chats'],
    summary: 'Mark a chat as read',
    description:
      'Moves your read mark up to a message. The mark never moves back, so you can safely repeat the call. Messages that arrive later stay unread. In a chat of two, the peer is informed, and their messages up to the mark become `read`, unless the chat is a message request: reading does not accept it. Once you have accepted it, mark the message again to tell the peer. In groups of up to 32, all members see how far you have read; in larger ones, nobody does. You can move read marks 300 times a minute, here and over the WebSocket together.',
    request: { params: ChatParams, body: jsonBody(ReadMark) },
    responses: { 200: json(Chat, 'The current state of the chat.') },
    problems: ['chat_not_found', 'message_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    const { upToMessageId } = c.req.valid('json')
    const chat = await asCaller(c, (mailbox, caller) => mailbox.markChatRead(caller, chatId, upToMessageId))
    return c.json(chat, 200)
  },
)
