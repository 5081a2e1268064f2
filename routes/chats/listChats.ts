import { z } from '@hono/zod-openapi'
import { Chats } from '../../schemas/chat'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { jsonResponse } from '../../src/http/json-response'
import { startOfPage } from '../../src/http/paging'

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
      'Returns your chats that have something to show: pinned chats first, then by latest message, newest first. A chat that gets a message while you read the pages moves to the front.',
    request: { query: PageQuery },
    responses: { 200: json(Chats, 'A page of chats.') },
  },
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, z.string())
    return jsonResponse(c, await asCaller(c, (mailbox, caller) => mailbox.listChats(caller, after, limit)), 200)
  },
)
