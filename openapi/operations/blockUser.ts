import { type OperationExamples, single } from '../examples/operation-examples'
import { benId, block } from '../examples/people'

export const blockUser: OperationExamples = {
  parameters: { userId: benId },
  responses: { 200: single('Ben is blocked', block) },
  problem: { code: 'user_not_found' },
  steps: [{ status: 200, params: { userId: '{{benId}}' } }],
}
