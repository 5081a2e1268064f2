import { questionId } from '../examples/conversation'
import { benAsMember } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const listReceipts: OperationExamples = {
  parameters: { messageId: questionId },
  responses: { 200: single('Ben has read it', page({ user: benAsMember.user, status: 'read' })) },
  problem: { code: 'not_the_author' },
  steps: [{ status: 200, params: { ...withBen, messageId: '{{messageId}}' } }],
}
