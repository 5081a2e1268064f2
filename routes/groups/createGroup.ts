import { CreatedGroup } from '../../schemas/created-group'
import { GroupDraft } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const createGroup = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'createGroup',
    method: 'post',
    path: '/v1/groups',
    tags: ['Groups'],
    summary: 'Create a group',
    description:
      'Creates a group whose owner you are, and adds members, as `addGroupMembers` does. Repeating the call with the same `clientGroupId` returns the same group, with no time limit, and adds those who are missing; with other content, it returns 409. You can create 50 groups a day and be in 500. In groups, chat and message operations take the ID of the group as `chatId`. A group has up to 1,000 members.',
    request: { body: jsonBody(GroupDraft) },
    responses: { 201: json(CreatedGroup, 'The group, and what became of each user.') },
    problems: [
      'client_group_id_reused',
      'groups_full',
      'group_full',
      'new_groups_exhausted',
      'group_adds_exhausted',
      'chat_not_found',
    ],
  },
  async (c) => {
    const input = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.createGroup(caller, input)), 201)
  },
)
