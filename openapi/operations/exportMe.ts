import { answer, chatRead, read, report } from '../examples/conversation'
import { groupChat, groupMessage } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { ana, contact, picture, session } from '../examples/people'

export const exportMe: OperationExamples = {
  responses: {
    200: single('Ana and Ben have written to each other', {
      exportedAt: '2026-11-24T10:30:00.000Z',
      profile: ana,
      sessions: [session],
      contacts: [contact],
      blocks: [],
      chats: [groupChat, chatRead],
      messages: [groupMessage, read, answer],
      files: [picture],
      reports: [report],
    }),
  },
  problem: { code: 'access_token_expired' },
  steps: [{ status: 200 }],
}
