import * as users from '../../repositories/users'
import { Message, OutgoingMessage } from '../../schemas/message'
import { ChatParams } from '../../schemas/params'
import { problem } from '../../src/core/errors'
import { callerOf } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { jsonResponse } from '../../src/http/json-response'
import { callMailbox, unwrap } from '../../src/http/mailbox-client'

export const sendMessage = define(
  {
    access: 'session',
    counts: 'message',
    operationId: 'sendMessage',
    method: 'post',
    path: '/v1/chats/{chatId}/messages',
    tags: ['Messages'],
    summary: 'Send a message',
    description:
      'Durably stores the message before it responds, and delivers it exactly once, despite any failures in between. Sending again with the same `clientMessageId` returns the message it created, in its current state, with 200 instead of 201; with another chat or other content, it returns 409; the order of names in `metadata` makes no difference. The first message to a user creates the chat on both sides; you can start 50 chats a day with users who have not written to you first. To the other user, such a chat is a message request: until they accept it, by writing, reacting, saving you as a contact, or `updateChat`, you can send 20 messages or 256 KB (edits and metadata included), then `acceptance_required`. A file that you received can be forwarded by its ID, without another upload and without using your storage. A user receives about 128 KB a day in message requests from everyone; what exceeds that waits as `sent` and arrives later, or once they accept. You can send 600 messages at once, replenished at 60 a minute; edits, deletions, and reactions count as well. Resending a stored message returns it no matter how many you have sent since, and does not count. Your own user ID is the chat for notes to self. A user who has deleted their account cannot receive messages: `chat_not_found`. In a group, the settings say who may send and how often (`not_allowed_in_group`, `slow_mode`), all members see one order, and `mentions` names those whom it is for. Once your mailbox holds 8 GB, you can neither send nor receive until you delete messages (`mailbox_full`); what was sent to you meanwhile waits as `sent` and arrives, in order, about an hour after there is room.',
    request: { params: ChatParams, body: jsonBody(OutgoingMessage) },
    responses: {
      201: json(Message, 'The message was stored.'),
      200: json(Message, 'The message was already stored: its current state.'),
    },
    problems: [
      'chat_not_found',
      'client_message_id_reused',
      'attachment_unusable',
      'reply_target_unusable',
      'mention_unusable',
      'not_allowed_in_group',
      'slow_mode',
      'group_storage_full',
      'blocked_by_you',
      'acceptance_required',
      'too_many_undelivered',
      'new_chats_exhausted',
      'sends_exhausted',
      'mailbox_full',
    ],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    const input = c.req.valid('json')
    const { userId, caller } = callerOf(c)
    const first = await callMailbox(c.env, userId, (mailbox) => mailbox.sendMessage(caller, chatId, input, null))
    if (first.ok) return jsonResponse(c, first.value.message, first.value.created ? 201 : 200)
    if (first.code !== 'chat_not_found') throw unwrap(first)
    const peer = await users.find(c.env.DB, chatId)
    if (!peer) throw problem('chat_not_found')
    const { message } = unwrap(
      await callMailbox(c.env, userId, (mailbox) => mailbox.sendMessage(caller, chatId, input, peer.profile)),
    )
    return jsonResponse(c, message, 201)
  },
)
