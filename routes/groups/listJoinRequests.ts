import { GroupParams } from '../../schemas/group'
import { UserId } from '../../schemas/ids'
import { JoinRequests } from '../../schemas/join-request'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listJoinRequests = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listJoinRequests',
    method: 'get',
    path: '/v1/groups/{groupId}/join-requests',
    tags: ['Groups'],
    summary: 'List requests to join a group',
    description:
      'For the owner and admins. Returns who has asked to join, by their user IDs. `joinRequestCount` of the group says how many they are.',
    request: { params: GroupParams, query: PageQuery },
    responses: { 200: json(JoinRequests, 'A page of requests.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const after = startOfPage(cursor, UserId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listJoinRequests(caller, groupId, after, limit))
    return c.json(toPage(page), 200)
  },
)
