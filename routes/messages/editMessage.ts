import { Message, MessageEdit } from '../../schemas/message'
import { MessageParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const editMessage = define(
  {
    access: 'session',
    operationId: 'editMessage',
    method: 'patch',
    path: '/v1/chats/{chatId}/messages/{messageId}',
    tags: ['Messages'],
    summary: 'Change the text of a message',
    description:
      'Only the author may. The peer gets the new text, also when the message itself is still on its way. Quotes keep the text they were made with. Repeating the same text changes nothing.',
    request: { params: MessageParams, body: jsonBody(MessageEdit) },
    responses: { 200: json(Message, 'The message as it is now.') },
    problems: ['chat_not_found', 'message_not_found', 'not_the_author', 'message_deleted', 'blocked_by_you'],
  },
  async (c) => {
    const { chatId, messageId } = c.req.valid('param')
    const { text } = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.editMessage(caller, chatId, messageId, text)), 200)
  },
)
