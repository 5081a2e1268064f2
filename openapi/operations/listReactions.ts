import { answerId } from '../examples/conversation'
import { owner } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const listReactions: OperationExamples = {
  parameters: { messageId: answerId },
  responses: { 200: single('Ana likes it', page({ user: owner.user, emoji: '👍' })) },
  problem: { code: 'message_not_found' },
  steps: [{ status: 200, params: { ...withBen, messageId: '{{replyId}}' } }],
}
