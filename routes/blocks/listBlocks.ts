import { z } from '@hono/zod-openapi'
import { Blocks } from '../../schemas/block'
import { UserId } from '../../schemas/ids'
import { Cursor, Limit } from '../../schemas/query'
import { decodeCursor, encodeCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json, sessionRoute } from '../../src/http/define-route'

export const listBlocks = define(
  sessionRoute({
    operationId: 'listBlocks',
    method: 'get',
    path: '/v1/blocks',
    tags: ['Contacts'],
    summary: 'List blocked users',
    description: 'The users whom the caller has blocked, in the order of their ids.',
    request: { query: z.strictObject({ limit: Limit, cursor: Cursor }) },
    responses: { 200: json(Blocks, 'A page.') },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = cursor === undefined ? null : decodeCursor(cursor, UserId)
    const { items, next } = await asCaller(c, (mailbox, caller) => mailbox.listBlocks(caller, after, limit))
    return c.json({ items, nextCursor: next && encodeCursor(next) }, 200)
  },
)
