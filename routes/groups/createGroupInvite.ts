import { GroupParams } from '../../schemas/group'
import { GroupInvite, GroupInviteDraft } from '../../schemas/group-invite'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const createGroupInvite = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'createGroupInvite',
    method: 'post',
    path: '/v1/groups/{groupId}/invites',
    tags: ['Groups'],
    summary: 'Create an invitation',
    description:
      'For the owner and admins. Whoever has the `code` can join the group, or with `needsApproval` ask to, until the invitation expires, is used up, or is revoked. A group can have 50 invitations that can be used. A repeated call creates another one.',
    request: { params: GroupParams, body: jsonBody(GroupInviteDraft) },
    responses: { 201: json(GroupInvite, 'The invitation.') },
    problems: ['chat_not_found', 'not_allowed_in_group', 'invites_full'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const draft = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.createGroupInvite(caller, groupId, draft)), 201)
  },
)
