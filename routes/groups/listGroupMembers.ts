import { GroupMembers, GroupParams } from '../../schemas/group'
import { UserId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { flag } from '../../schemas/query'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listGroupMembers = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listGroupMembers',
    method: 'get',
    path: '/v1/groups/{groupId}/members',
    tags: ['Groups'],
    summary: 'List members of a group',
    description:
      'Returns the members of a group with their roles, by their user IDs; with `left=true`, the former ones.',
    request: {
      params: GroupParams,
      query: PageQuery.extend({ left: flag('Whether to list former members instead.') }),
    },
    responses: { 200: json(GroupMembers, 'A page of members.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { limit, cursor, left } = c.req.valid('query')
    const after = startOfPage(cursor, UserId)
    const page = await asCaller(c, (mailbox, caller) =>
      mailbox.listGroupMembers(caller, groupId, after, limit, left === 'true'),
    )
    return c.json(toPage(page), 200)
  },
)
