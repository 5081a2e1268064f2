import * as users from '../../repositories/users'
import { Message, NewMessage } from '../../schemas/message'
import { ChatParams } from '../../schemas/params'
import { problem } from '../../src/core/errors'
import { callerOf } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { callMailbox, unwrap } from '../../src/http/mailbox-client'

export const sendMessage = define(
  {
    access: 'session',
    operationId: 'sendMessage',
    method: 'post',
    path: '/v1/chats/{chatId}/messages',
    tags: ['Messages'],
    summary: 'Send a message',
    description:
      'Stores the message for good before it answers, and delivers it exactly once, whatever fails in between. Sending again with the same `clientMessageId` returns the message that it made, as it is now, with 200 instead of 201; with another chat or content it is a 409. The first message to a user makes the chat on both sides; 50 chats a day may be begun with users who have not written first. 600 messages may be sent at once, and 60 a minute as they come back; sending again what is stored is answered whatever was sent since, and is not counted. One’s own id is the chat of notes to self. Somebody who has deleted their account cannot be written to: `chat_not_found`.',
    request: { params: ChatParams, body: jsonBody(NewMessage) },
    responses: { 201: json(Message, 'Stored.'), 200: json(Message, 'It was stored before: the message as it is now.') },
    problems: [
      'chat_not_found',
      'client_message_id_reused',
      'attachment_unusable',
      'reply_target_unusable',
      'blocked_by_you',
      'too_many_undelivered',
      'new_chats_exhausted',
      'sends_exhausted',
    ],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    const input = c.req.valid('json')
    const { userId, caller } = callerOf(c)
    const first = await callMailbox(c.env, userId, (mailbox) => mailbox.sendMessage(caller, chatId, input, null))
    if (first.ok) return c.json(first.value.message, first.value.created ? 201 : 200)
    if (first.code !== 'chat_not_found') throw unwrap(first)
    const peer = await users.find(c.env.DB, chatId)
    if (!peer) throw problem('chat_not_found')
    const { message } = unwrap(
      await callMailbox(c.env, userId, (mailbox) => mailbox.sendMessage(caller, chatId, input, peer.profile)),
    )
    return c.json(message, 201)
  },
)
