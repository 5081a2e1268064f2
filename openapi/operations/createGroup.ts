import { benAdded, clientGroupId, groupChat } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'

export const createGroup: OperationExamples = {
  body: {
    group: {
      summary: 'A group with Ben',
      value: { clientGroupId, title: 'Lighthouse keepers', memberIds: [benId] },
    },
    announcements: {
      summary: 'Only admins write, and newcomers see nothing of the past',
      value: {
        clientGroupId: 'c0ffee00-1d2e-4f3a-8b4c-5d6e7f809104',
        title: 'Storm warnings',
        about: 'From the harbor office',
        settings: { sendBy: 'admins', historyVisible: 'joining' },
      },
    },
  },
  responses: { 201: single('Ben is in it', { chat: groupChat, ...benAdded }) },
  problem: { code: 'groups_full' },
  steps: [
    {
      status: 201,
      fresh: ['clientGroupId'],
      body: { clientGroupId: '{{clientGroupId}}', title: 'Lighthouse keepers', memberIds: ['{{benId}}'] },
      keep: { groupId: 'chat.id' },
    },
  ],
}
