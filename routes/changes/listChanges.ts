import { z } from '@hono/zod-openapi'
import { Changes, ChangesCursor, ChangesFrom } from '../../schemas/changes'
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
      'Returns everything of yours that changed after a cursor, as state: messages, edits, and deletions, chats and their watermarks, contacts, blocks, signed-in devices, and your profile. Without a cursor, it returns a full copy, or with `from=now` only a cursor, for clients that keep no local data. Follow `cursor` while `hasMore` is true, keep the last one, and call again later: nothing is missing and nothing is repeated, no matter how long you were away. The WebSocket carries the same pages and the same cursor.',
    request: {
      query: z.strictObject({ cursor: ChangesCursor.optional(), from: ChangesFrom.optional(), limit: Limit }),
    },
    responses: { 200: json(Changes, 'A page of changes.') },
  },
  async (c) => {
    const { cursor, from, limit } = c.req.valid('query')
    const start = {
      position: cursor === undefined ? null : parseChangesCursor(cursor),
      otherwise: from ?? ('beginning' as const),
    }
    return jsonResponse(c, await asCaller(c, (mailbox, caller) => mailbox.listChanges(caller, start, limit)), 200)
  },
)
