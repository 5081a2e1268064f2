import { GroupParams } from '../../schemas/group'
import { GroupBans } from '../../schemas/group-ban'
import { UserId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listGroupBans = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listGroupBans',
    method: 'get',
    path: '/v1/groups/{groupId}/bans',
    tags: ['Groups'],
    summary: 'List bans of a group',
    description: 'Returns whom the group keeps out, by their user IDs. For the owner and admins.',
    request: { params: GroupParams, query: PageQuery },
    responses: { 200: json(GroupBans, 'A page of bans.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, UserId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listGroupBans(caller, groupId, after, limit))
    return c.json(toPage(page), 200)
  },
)
