import { z } from '@hono/zod-openapi'
import { Files } from '../../schemas/file'
import { FileId } from '../../schemas/ids'
import { Cursor, Limit } from '../../schemas/query'
import { decodeCursor, encodeCursor } from '../../src/core/cursors'
import { asCaller } from '../../src/http/caller'
import { define, json, sessionRoute } from '../../src/http/define-route'

export const listFiles = define(
  sessionRoute({
    operationId: 'listFiles',
    method: 'get',
    path: '/v1/files',
    tags: ['Files'],
    summary: 'List own files',
    description:
      'The files that the user has uploaded, newest first, and how full their storage is. Files that others sent are not among them.',
    request: { query: z.strictObject({ limit: Limit, cursor: Cursor }) },
    responses: { 200: json(Files, 'A page of files.') },
  }),
  async (c) => {
    const { limit, cursor } = c.req.valid('query')
    const before = cursor === undefined ? null : decodeCursor(cursor, FileId)
    const { items, next, usage } = await asCaller(c, (mailbox, caller) => mailbox.listFiles(caller, before, limit))
    return c.json({ items, nextCursor: next && encodeCursor(next), usage }, 200)
  },
)
