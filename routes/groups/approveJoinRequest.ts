import { GroupMember, MemberParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const approveJoinRequest = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'approveJoinRequest',
    method: 'post',
    path: '/v1/groups/{groupId}/join-requests/{userId}/approve',
    tags: ['Groups'],
    summary: 'Approve a request to join',
    description:
      'For the owner and admins. Makes the user a member, as an invitation without approval does. Their account is asked first: if it was deleted, or is in as many groups as it can be, the request is removed and nobody becomes a member. Idempotent: succeeds if the user is a member.',
    request: { params: MemberParams },
    responses: { 200: json(GroupMember, 'The new member.') },
    problems: ['chat_not_found', 'not_allowed_in_group', 'join_request_not_found', 'group_full'],
  },
  async (c) => {
    const { groupId, userId } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.approveJoinRequest(caller, groupId, userId)), 200)
  },
)
