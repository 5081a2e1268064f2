import { z } from '@hono/zod-openapi'
import { ChatFilters, Chats } from '../../schemas/chat'
import { PageQuery } from '../../schemas/page'
import type { Flag } from '../../schemas/query'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { jsonResponse } from '../../src/http/json-response'
import { startOfPage } from '../../src/http/paging'

const isSet = (flag: z.infer<typeof Flag> | undefined) => (flag === undefined ? undefined : flag === 'true')

export const listChats = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listChats',
    method: 'get',
    path: '/v1/chats',
    tags: ['Chats'],
    summary: 'List your chats',
    description:
      'Returns your chats that have something to show: pinned chats first, then by latest message, newest first. Filters narrow the list down; use the same ones for each page. A chat that gets a message while you read the pages moves to the front.',
    request: { query: PageQuery.extend(ChatFilters.shape) },
    responses: { 200: json(Chats, 'A page of chats.') },
  },
  async (c) => {
    const { limit, cursor, archived, unread, request } = c.req.valid('query')
    const filters = { archived: isSet(archived), unread: isSet(unread), request: isSet(request) }
    const after = startOfPage(cursor, z.string())
    return jsonResponse(
      c,
      await asCaller(c, (mailbox, caller) => mailbox.listChats(caller, filters, after, limit)),
      200,
    )
  },
)
