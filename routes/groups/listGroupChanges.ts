import { z } from '@hono/zod-openapi'
import { GroupChangesCursor, GroupParams } from '../../schemas/group'
import { GroupChanges } from '../../schemas/group-changes'
import { Limit } from '../../schemas/page'
import { parseGroupCursor } from '../../src/core/group-cursors'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const listGroupChanges = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listGroupChanges',
    method: 'get',
    path: '/v1/groups/{groupId}/changes',
    tags: ['Groups'],
    summary: 'List changes of a group',
    description:
      'Returns what changed in a group after a cursor, as state. `listChanges` and the socket tell you that a group has changed: its chat has a greater `version`. Then get the changes here with the cursor that you hold for that group, while `hasMore` is true. Without a cursor, the page is a fresh start (`reset`): the newest messages, and all members.',
    request: {
      params: GroupParams,
      query: z.strictObject({
        limit: Limit,
        cursor: GroupChangesCursor.optional().openapi({
          param: { description: 'The `cursor` of the previous page or frame. Opaque; never expires.' },
        }),
      }),
    },
    responses: { 200: json(GroupChanges, 'A page of changes.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const place = cursor === undefined ? null : parseGroupCursor(cursor)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listGroupChanges(caller, groupId, place, limit))
    return c.json(page, 200)
  },
)
