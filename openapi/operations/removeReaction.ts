import { answer, answerId } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const removeReaction: OperationExamples = {
  parameters: { messageId: answerId },
  responses: { 200: single('Ana has removed her reaction', answer) },
  problem: { code: 'message_not_found' },
  steps: [{ status: 200, params: { ...withBen, messageId: '{{replyId}}', emoji: '👍' } }],
}
