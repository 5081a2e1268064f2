import { GroupMember, MemberChange, MemberParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const updateGroupMember = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'updateGroupMember',
    method: 'patch',
    path: '/v1/groups/{groupId}/members/{userId}',
    tags: ['Groups'],
    summary: 'Change the role of a member',
    description:
      'Only the owner gives roles. Making another member the owner hands the group over: you become an admin. To give up your own role, hand the group over or leave it.',
    request: { params: MemberParams, body: jsonBody(MemberChange) },
    responses: { 200: json(GroupMember, 'The member with the new role.') },
    problems: ['chat_not_found', 'member_not_found', 'not_allowed_in_group', 'own_user'],
  },
  async (c) => {
    const { groupId, userId } = c.req.valid('param')
    const { role } = c.req.valid('json')
    const member = await asCaller(c, (mailbox, caller) => mailbox.updateGroupMember(caller, groupId, userId, role))
    return c.json(member, 200)
  },
)
