import { z } from '@hono/zod-openapi'
import { MessageId } from '../../schemas/ids'
import { Messages } from '../../schemas/message'
import { Cursor, Limit } from '../../schemas/page'
import { ChatParams } from '../../schemas/params'
import { flag } from '../../schemas/query'
import { decodeCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { jsonResponse } from '../../src/http/json-response'

const at = (description: string) => MessageId.optional().openapi({ param: { description } })

const Query = z
  .strictObject({
    limit: Limit,
    cursor: Cursor,
    before: at('Return messages older than this one.'),
    after: at('Return messages newer than this one, starting with those closest to it.'),
    around: at('Return a page with this message in the middle.'),
    hasAttachments: flag('Whether to return only messages with attachments.'),
  })
  .refine(
    ({ cursor, before, after, around }) =>
      [cursor, before, after, around].filter((one) => one !== undefined).length <= 1,
    {
      message: 'Use at most one of cursor, before, after, and around.',
      path: ['cursor'],
    },
  )

const Place = z.object({ at: z.enum(['before', 'after']), messageId: MessageId })

function anchorOf({ cursor, before, after, around }: Omit<z.infer<typeof Query>, 'limit' | 'hasAttachments'>) {
  if (cursor !== undefined) return decodeCursor(cursor, Place)
  if (before) return { at: 'before', messageId: before } as const
  if (after) return { at: 'after', messageId: after } as const
  return around ? ({ at: 'around', messageId: around } as const) : ({ at: 'end' } as const)
}

export const listMessages = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listMessages',
    method: 'get',
    path: '/v1/chats/{chatId}/messages',
    tags: ['Messages'],
    summary: 'List messages in a chat',
    description:
      'Returns a page of the chat, always newest first: the latest messages, or those before, after, or around a message. `nextCursor` continues in the same direction (older, but newer for `after`). With `hasAttachments`, the page has only messages with attachments, as many as if there were no others, and the message that you name need not have any; use it for each page. Both sides of a chat see the same order.',
    request: { params: ChatParams, query: Query },
    responses: { 200: json(Messages, 'A page of messages.') },
    problems: ['chat_not_found', 'message_not_found'],
  },
  async (c) => {
    const { chatId } = c.req.valid('param')
    const { limit, hasAttachments, ...place } = c.req.valid('query')
    const anchor = anchorOf(place)
    const filters = { hasAttachments: hasAttachments === 'true' }
    const page = await asCaller(c, (mailbox, caller) => mailbox.listMessages(caller, chatId, anchor, limit, filters))
    return jsonResponse(c, page, 200)
  },
)
