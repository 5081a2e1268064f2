import { InviteCodeParams, JoinedGroup } from '../../schemas/group-invite'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const joinGroup = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'joinGroup',
    method: 'post',
    path: '/v1/group-invites/{code}/join',
    tags: ['Groups'],
    summary: 'Join a group',
    description:
      'Makes you a member, or, if the invitation needs an approval, asks for it: `standing` says which. Once a request is approved, the group appears among your chats. Members see a `memberJoined` event; new members see what `historyVisible` says. Idempotent: repeating the call uses the invitation no further. A code that cannot be used returns the same 404 as in `getGroupInvite`. You can join 100 groups a day and be in 500; a group holds at most 500 requests.',
    request: { params: InviteCodeParams },
    responses: { 200: json(JoinedGroup, 'You are a member, or have asked to be one.') },
    problems: ['invite_not_found', 'group_full', 'groups_full', 'join_requests_full', 'group_joins_exhausted'],
  },
  async (c) => {
    const { code } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.joinGroup(caller, code)), 200)
  },
)
