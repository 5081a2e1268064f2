import { z } from '@hono/zod-openapi'
import { Changes, ChangesCursor } from '../../schemas/changes'
import { Limit } from '../../schemas/page'
import { parseChangesCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { jsonResponse } from '../../src/http/json-response'

export const listChanges = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listChanges',
    method: 'get',
    path: '/v1/changes',
    tags: ['Realtime'],
    summary: 'List changes since a cursor',
    description:
      'Returns everything of yours that changed after a cursor, as state: messages, edits, and deletions, chats and their watermarks, contacts, blocks, signed-in devices, and your profile. Without a cursor, it returns a full copy. Follow `cursor` while `hasMore` is true, keep the last one, and call again later: nothing is missing and nothing is repeated, no matter how long you were away. The WebSocket carries the same pages and the same cursor.',
    request: { query: z.strictObject({ cursor: ChangesCursor.optional(), limit: Limit }) },
    responses: { 200: json(Changes, 'A page of changes.') },
  },
  async (c) => {
    const { cursor, limit } = c.req.valid('query')
    const from = cursor === undefined ? null : parseChangesCursor(cursor)
    return jsonResponse(c, await asCaller(c, (mailbox, caller) => mailbox.listChanges(caller, from, limit)), 200)
  },
)
