import { Chat } from '../../schemas/chat'
import { GroupParams } from '../../schemas/group'
import { asCaller } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const getGroup = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getGroup',
    method: 'get',
    path: '/v1/groups/{groupId}',
    tags: ['Groups'],
    summary: 'Get a group',
    description:
      'Returns the chat of a group that you are a member of, as it is now: like `getChat`. For everybody else, the group does not exist.',
    request: { params: GroupParams },
    responses: { 200: json(Chat, 'The chat of the group.') },
    problems: ['chat_not_found'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.getChat(caller, groupId)), 200)
  },
)
