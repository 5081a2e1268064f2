import { answer, answerId } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { anaId } from '../examples/people'
import { invalidRequest } from '../examples/problems'
import { withBen } from '../postman/step'

export const addReaction: OperationExamples = {
  parameters: { messageId: answerId },
  responses: {
    200: single('Ana likes Ben’s reply', {
      ...answer,
      reactions: [{ emoji: '👍', count: 1, own: true, userIds: [anaId] }],
    }),
  },
  problem: invalidRequest({ pointer: '/path/emoji', code: 'custom', detail: 'Must be a single emoji.' }),
  steps: [{ status: 200, params: { ...withBen, messageId: '{{replyId}}', emoji: '👍' } }],
}
