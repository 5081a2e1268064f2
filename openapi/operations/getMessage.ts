import { read } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const getMessage: OperationExamples = {
  responses: { 200: single('The question, already read', read) },
  problem: { code: 'message_not_found' },
  steps: [{ status: 200, params: { ...withBen, messageId: '{{messageId}}' } }],
}
