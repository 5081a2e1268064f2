import { z } from '@hono/zod-openapi'
import { Contacts } from '../../schemas/contact'
import { UserId } from '../../schemas/ids'
import { Cursor, Limit } from '../../schemas/query'
import { decodeCursor, encodeCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json, sessionRoute } from '../../src/http/define-route'

export const listContacts = define(
  sessionRoute({
    operationId: 'listContacts',
    method: 'get',
    path: '/v1/contacts',
    tags: ['Contacts'],
    summary: 'List contacts',
    description: 'The users whom the caller has saved, in the order of their ids.',
    request: { query: z.strictObject({ limit: Limit, cursor: Cursor }) },
    responses: { 200: json(Contacts, 'A page.') },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const after = cursor === undefined ? null : decodeCursor(cursor, UserId)
    const { items, next } = await asCaller(c, (mailbox, caller) => mailbox.listContacts(caller, after, limit))
    return c.json({ items, nextCursor: next && encodeCursor(next) }, 200)
  },
)
