import { GroupParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const endGroup = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'endGroup',
    method: 'delete',
    path: '/v1/groups/{groupId}',
    tags: ['Groups'],
    summary: 'End a group',
    description:
      'For the owner. From now on the group exists for nobody, and what was written in it is erased for everybody; files stay with those who uploaded them. Connected members see its ID in `left`, others when they next look. It cannot be undone. Calling it again returns `chat_not_found`. When the last member leaves, the group ends as well.',
    request: { params: GroupParams },
    responses: { 204: noContent('The group has ended.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.endGroup(caller, groupId))
    return c.body(null, 204)
  },
)
