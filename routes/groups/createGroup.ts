import { CreatedGroup } from '../../schemas/created-group'
import { GroupDraft } from '../../schemas/group'
import { ownMailboxOf } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { requirePicture, withPicture } from '../../src/services/files/group-picture'

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
      'avatar_unusable',
    ],
  },
  async (c) => {
    const input = c.req.valid('json')
    const mailbox = ownMailboxOf(c)
    if (input.avatarFileId) await requirePicture(c.env.FILES, mailbox, input.avatarFileId)
    const created = await mailbox((own, caller) => own.createGroup(caller, input))
    const chat = await withPicture(c.env.FILES, mailbox, created.chat, input.avatarFileId)
    return c.json({ ...created, chat }, 201)
  },
)
