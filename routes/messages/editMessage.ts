import { Message, MessageEdit } from '../../schemas/message'
import { MessageParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const editMessage = define(
  {
    access: 'session',
    counts: 'message',
    operationId: 'editMessage',
    method: 'patch',
    path: '/v1/chats/{chatId}/messages/{messageId}',
    tags: ['Messages'],
    summary: 'Edit a message',
    description:
      'Changes the text or the metadata of a message, or both; what you do not send stays. Only the author can do this. The peer gets what is new, even if the message itself is still on its way. Existing quotes keep the text they were created with. Repeating the same edit changes nothing. A message keeps its attachments, and needs at least one of text, attachments, and metadata; to remove it altogether, use `deleteMessage`. An edit counts against the same limit as a message sent. In a full mailbox, a message cannot get longer (`mailbox_full`).',
    request: { params: MessageParams, body: jsonBody(MessageEdit) },
    responses: { 200: json(Message, 'The current state of the message.') },
    problems: [
      'chat_not_found',
      'message_not_found',
      'not_the_author',
      'message_deleted',
      'blocked_by_you',
      'acceptance_required',
      'sends_exhausted',
      'mailbox_full',
      'group_storage_full',
    ],
  },
  async (c) => {
    const { chatId, messageId } = c.req.valid('param')
    const { text, metadata } = c.req.valid('json')
    const newText = text === undefined ? undefined : (text ?? '')
    return c.json(
      await asCaller(c, (mailbox, caller) => mailbox.editMessage(caller, chatId, messageId, newText, metadata)),
      200,
    )
  },
)
