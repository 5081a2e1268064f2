import { GroupParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const leaveGroup = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'leaveGroup',
    method: 'post',
    path: '/v1/groups/{groupId}/leave',
    tags: ['Groups'],
    summary: 'Leave a group',
    description:
      'Ends your membership. What you wrote stays. If you are the owner, the admin who has been there for longest becomes the owner, or else the member. If you are the last one, the group ends, as by `endGroup`. Afterward, only users whom you have saved as contacts can add you to it again; an invitation works as well.',
    request: { params: GroupParams },
    responses: { 204: noContent('You have left.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.leaveGroup(caller, groupId))
    return c.body(null, 204)
  },
)
