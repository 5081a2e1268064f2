import { Chat } from '../../schemas/chat'
import { GroupChange, GroupParams } from '../../schemas/group'
import { asCaller, ownMailboxOf } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { pictureFor } from '../../src/services/files/group-picture'

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
      'Changes the title, the description, the picture, or the settings. Settings are for the owner and admins; who else may change the rest is the setting `editBy`. The picture is copied, and the former one is deleted; naming the same file again changes nothing. All members see a `groupUpdated` event.',
    request: { params: GroupParams, body: jsonBody(GroupChange) },
    responses: { 200: json(Chat, 'The current state of the chat.') },
    problems: ['chat_not_found', 'not_allowed_in_group', 'avatar_unusable'],
  },
  async (c) => {
    const { groupId } = c.req.valid('param')
    const { avatarFileId, ...rest } = c.req.valid('json')
    const picture = await pictureFor(c.env.FILES, ownMailboxOf(c), groupId, avatarFileId)
    const change = { ...rest, picture }
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.updateGroup(caller, groupId, change)), 200)
  },
)
