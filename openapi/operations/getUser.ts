import { type OperationExamples, single } from '../examples/operation-examples'
import { ben, benId } from '../examples/people'

export const getUser: OperationExamples = {
  parameters: { userId: benId },
  responses: { 200: single('Ben', ben) },
  problem: { code: 'user_not_found' },
  steps: [{ status: 200, params: { userId: '{{benId}}' } }],
}
