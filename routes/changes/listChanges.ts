import { z } from '@hono/zod-openapi'
import { Changes, ChangesCursor } from '../../schemas/changes'
import { Limit } from '../../schemas/page'
import { parseChangesCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const listChanges = define(
  {
    access: 'session',
    operationId: 'listChanges',
    method: 'get',
    path: '/v1/changes',
    tags: ['Realtime'],
    summary: 'What changed since a cursor',
    description:
      'Everything of the user’s that changed after a cursor, as state: messages, edits and deletions, chats and their marks, contacts, blocks, signed-in devices, the profile. Without a cursor it is a full copy. Follow `cursor` while `hasMore`, keep the last one, and ask again later: nothing is missing and nothing comes twice, however long one was away. The WebSocket carries the same pages and the same cursor.',
    request: { query: z.strictObject({ cursor: ChangesCursor.optional(), limit: Limit }) },
    responses: { 200: json(Changes, 'A page of changes.') },
  },
  async (c) => {
    const { cursor, limit } = c.req.valid('query')
    const from = cursor === undefined ? null : parseChangesCursor(cursor)
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.listChanges(caller, from, limit)), 200)
  },
)
