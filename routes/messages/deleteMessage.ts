import { z } from '@hono/zod-openapi'
import { DeletionScope } from '../../schemas/message'
import { MessageParams } from '../../schemas/params'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const deleteMessage = define(
  {
    access: 'session',
    counts: 'message',
    operationId: 'deleteMessage',
    method: 'delete',
    path: '/v1/chats/{chatId}/messages/{messageId}',
    tags: ['Messages'],
    summary: 'Delete a message',
    description:
      'With `scope=me`, the message disappears only for you. With `scope=everyone`, which only the author can use, and in groups the owner and admins, its content and any quotes of it are blanked for everyone, and the message stays in place with `deletedAt`. Its attachments can no longer be read through it; where they were forwarded, they stay readable through those messages, also for whoever forwarded them. Idempotent. A deletion counts against the same limit as a message sent.',
    request: {
      params: MessageParams,
      query: z.strictObject({
        scope: DeletionScope.default('me').openapi({ param: { description: '`me` by default.' } }),
      }),
    },
    responses: { 204: noContent('The message was deleted.') },
    problems: ['chat_not_found', 'message_not_found', 'not_the_author', 'blocked_by_you', 'sends_exhausted'],
  },
  async (c) => {
    const { chatId, messageId } = c.req.valid('param')
    const { scope } = c.req.valid('query')
    await asCaller(c, (mailbox, caller) => mailbox.deleteMessage(caller, chatId, messageId, scope))
    return c.body(null, 204)
  },
)
