import { AddedMembers, GroupParams, MembersToAdd } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const addGroupMembers = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'addGroupMembers',
    method: 'post',
    path: '/v1/groups/{groupId}/members',
    tags: ['Groups'],
    summary: 'Add members to a group',
    description:
      'Adds up to 32 users at a time; who may is the setting `addBy`. Whoever has blocked you, or whose `groupAddsAudience` leaves you out, cannot be added; nor can those who have left the group themselves, unless they have saved you as a contact. New members see what `historyVisible` says. The response names what became of each user: someone who is a member already counts as added. You can add 1,000 users a day.',
    request: { params: GroupParams, body: jsonBody(MembersToAdd) },
    responses: { 200: json(AddedMembers, 'What became of each user.') },
    problems: ['chat_not_found', 'not_allowed_in_group', 'group_full', 'group_adds_exhausted'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { userIds } = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.addGroupMembers(caller, groupId, userIds)), 200)
  },
)
