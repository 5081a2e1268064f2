import { MemberParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const removeGroupMember = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'removeGroupMember',
    method: 'delete',
    path: '/v1/groups/{groupId}/members/{userId}',
    tags: ['Groups'],
    summary: 'Remove a member from a group',
    description:
      'The owner removes anyone, admins remove members. From then on the group does not exist for them: not a message, not a file, not over an open socket. What they wrote stays.',
    request: { params: MemberParams },
    responses: { 204: noContent('The member was removed.') },
    problems: ['chat_not_found', 'member_not_found', 'not_allowed_in_group', 'own_user'],
  },
  async (c) => {
    const { groupId, userId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.removeGroupMember(caller, groupId, userId))
    return c.body(null, 204)
  },
)
