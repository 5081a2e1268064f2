import { z } from '@hono/zod-openapi'
import { GroupParams } from '../../schemas/group'
import { PinnedMessages } from '../../schemas/message'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listPins = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listPins',
    method: 'get',
    path: '/v1/groups/{groupId}/pins',
    tags: ['Groups'],
    summary: 'List pinned messages',
    description:
      'Returns the pinned messages of a group that you see, the one that was pinned last first: not those from before you could see anything, nor those that you have deleted for yourself or cleared. Afterward, follow the changes of the group: a message that is pinned or unpinned comes with its `pinnedAt`, however old it is. List the pins again after a `reset`.',
    request: { params: GroupParams, query: PageQuery },
    responses: { 200: json(PinnedMessages, 'A page of pinned messages.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const before = startOfPage(cursor, z.int())
    return c.json(toPage(await asCaller(c, (mailbox, caller) => mailbox.listPins(caller, groupId, before, limit))), 200)
  },
)
