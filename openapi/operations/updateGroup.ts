import { groupChat, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { picture } from '../examples/people'
import { inGroup } from '../postman/step'

export const updateGroup: OperationExamples = {
  parameters: { groupId },
  body: {
    title: { summary: 'A new title', value: { title: 'Lighthouse keepers of the north' } },
    picture: { summary: 'A picture', value: { avatarFileId: picture.id } },
    settings: { summary: 'One message a minute', value: { settings: { slowModeSeconds: 60 } } },
  },
  responses: {
    200: single('The new title', {
      ...groupChat,
      group: { ...groupChat.group, title: 'Lighthouse keepers of the north' },
    }),
  },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 200, params: inGroup, body: { title: 'Lighthouse keepers of the north' } }],
}
