import { MemberParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const unbanGroupMember = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'unbanGroupMember',
    method: 'delete',
    path: '/v1/groups/{groupId}/bans/{userId}',
    tags: ['Groups'],
    summary: 'Lift a ban',
    description:
      'For the owner and admins. The user can be added, or join, again; lifting the ban makes them no member. Members see a `memberUnbanned` event about somebody who was one of them. Idempotent: succeeds if the user is not banned.',
    request: { params: MemberParams },
    responses: { 204: noContent('The user is not banned.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId, userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.unbanGroupMember(caller, groupId, userId))
    return c.body(null, 204)
  },
)
