import { z } from '@hono/zod-openapi'
import { Chats } from '../../schemas/chat'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listChats = define(
  {
    access: 'session',
    operationId: 'listChats',
    method: 'get',
    path: '/v1/chats',
    tags: ['Chats'],
    summary: 'List chats',
    description:
      'The chats of the user that have something to see: the pinned ones, then latest message first. A chat that gets a message while pages are read moves to the front.',
    request: { query: PageQuery },
    responses: { 200: json(Chats, 'A page of chats.') },
  },
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, z.string())
    const page = await asCaller(c, (mailbox, caller) => mailbox.listChats(caller, after, limit))
    return c.json(toPage(page), 200)
  },
)
