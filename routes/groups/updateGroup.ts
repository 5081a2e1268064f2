import { Chat } from '../../schemas/chat'
import { GroupChange, GroupParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const updateGroup = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'updateGroup',
    method: 'patch',
    path: '/v1/groups/{groupId}',
    tags: ['Groups'],
    summary: 'Update a group',
    description:
      'Changes the title, the description, or the settings. Settings are for the owner and admins; who else may change the title and the description is the setting `editBy`. All members see a `groupUpdated` event.',
    request: { params: GroupParams, body: jsonBody(GroupChange) },
    responses: { 200: json(Chat, 'The current state of the chat.') },
    problems: ['chat_not_found', 'not_allowed_in_group'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const change = c.req.valid('json')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.updateGroup(caller, groupId, change)), 200)
  },
)
