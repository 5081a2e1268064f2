import { InviteParams } from '../../schemas/group-invite'
import { asCaller } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'

export const revokeGroupInvite = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'revokeGroupInvite',
    method: 'delete',
    path: '/v1/groups/{groupId}/invites/{inviteId}',
    tags: ['Groups'],
    summary: 'Revoke an invitation',
    description:
      'For the owner and admins. From now on the code is unknown; those who have joined by it stay, and requests to join that were made by it can still be approved. Idempotent: succeeds if there is no such invitation.',
    request: { params: InviteParams },
    responses: { 204: noContent('The invitation cannot be used.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId, inviteId } = c.req.valid('param')
    await asCaller(c, (mailbox, caller) => mailbox.revokeGroupInvite(caller, groupId, inviteId))
    return c.body(null, 204)
  },
)
