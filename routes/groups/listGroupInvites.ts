import { GroupParams } from '../../schemas/group'
import { GroupInvites } from '../../schemas/group-invite'
import { InviteId } from '../../schemas/ids'
import { PageQuery } from '../../schemas/page'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { startOfPage, toPage } from '../../src/http/paging'

export const listGroupInvites = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'listGroupInvites',
    method: 'get',
    path: '/v1/groups/{groupId}/invites',
    tags: ['Groups'],
    summary: 'List invitations of a group',
    description: 'For the owner and admins. Returns the invitations that can be used, newest first.',
    request: { params: GroupParams, query: PageQuery },
    responses: { 200: json(GroupInvites, 'A page of invitations.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { limit, cursor } = c.req.valid('query')
    const before = startOfPage(cursor, InviteId)
    const page = await asCaller(c, (mailbox, caller) => mailbox.listGroupInvites(caller, groupId, before, limit))
    return c.json(toPage(page), 200)
  },
)
