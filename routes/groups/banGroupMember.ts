import { MemberParams } from '../../schemas/group'
import { GroupBan } from '../../schemas/group-ban'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const banGroupMember = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'banGroupMember',
    method: 'put',
    path: '/v1/groups/{groupId}/bans/{userId}',
    tags: ['Groups'],
    summary: 'Ban a user from a group',
    description:
      'Removes the user, as `removeGroupMember` does, and keeps them out: nobody can add them, and no invitation works for them, until the ban is lifted. The owner bans anyone, admins ban members and those who are none. The user need not be a member, or exist. Members see a `memberBanned` event about somebody who is, or was, one of them. A group can have 10,000 bans. Idempotent.',
    request: { params: MemberParams },
    responses: { 200: json(GroupBan, 'The user is banned.') },
    problems: ['chat_not_found', 'not_allowed_in_group', 'own_user', 'bans_full'],
  },
  async (c) => {
    const { groupId, userId } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.banGroupMember(caller, groupId, userId)), 200)
  },
)
