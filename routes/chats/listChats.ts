import { z } from '@hono/zod-openapi'
import { Chats } from '../../schemas/chat'
import { Cursor, Limit } from '../../schemas/query'
import { decodeCursor, encodeCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json, sessionRoute } from '../../src/http/define-route'

export const listChats = define(
  sessionRoute({
    operationId: 'listChats',
    method: 'get',
    path: '/v1/chats',
    tags: ['Chats'],
    summary: 'List chats',
    description:
      'The chats of the user that have something to see: the pinned ones, then latest message first. A chat that gets a message while pages are read moves to the front.',
    request: { query: z.strictObject({ limit: Limit, cursor: Cursor }) },
    responses: { 200: json(Chats, 'A page of chats.') },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = cursor === undefined ? null : decodeCursor(cursor, z.string())
    const { items, next } = await asCaller(c, (mailbox, caller) => mailbox.listChats(caller, after, limit))
    return c.json({ items, nextCursor: next && encodeCursor(next) }, 200)
  },
)
