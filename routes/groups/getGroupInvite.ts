import { GroupInvitePreview, InviteCodeParams } from '../../schemas/group-invite'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const getGroupInvite = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getGroupInvite',
    method: 'get',
    path: '/v1/group-invites/{code}',
    tags: ['Groups'],
    summary: 'Look at an invitation',
    description:
      'Returns what you see of a group before you join: nothing of its messages or members. `standing` says whether you are a member already, or have asked to be one. A code that is unknown, expired, used up or revoked, and any code of a group from which you are banned, returns the same 404. If you have used the code, it does not matter that it has expired or is used up since.',
    request: { params: InviteCodeParams },
    responses: { 200: json(GroupInvitePreview, 'The group, as it is seen from outside.') },
    problems: ['invite_not_found'],
  },
  async (c) => {
    const { code } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.getGroupInvite(caller, code)), 200)
  },
)
