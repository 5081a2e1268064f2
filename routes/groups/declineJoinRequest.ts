import { MemberParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const declineJoinRequest = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'declineJoinRequest',
    method: 'delete',
    path: '/v1/groups/{groupId}/join-requests/{userId}',
    tags: ['Groups'],
    summary: 'Decline or withdraw a request to join',
    description:
      'The owner and admins decline anyone’s request, of which the user is not told; they can ask again by an invitation that can still be used. With your own user ID, you withdraw your request, without being a member. Idempotent for the owner and admins: succeeds if there is no such request. If you are no member and have no request, the group does not exist for you.',
    request: { params: MemberParams },
    responses: { 204: noContent('There is no such request any more.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId, userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.declineJoinRequest(caller, groupId, userId))
    return c.body(null, 204)
  },
)
