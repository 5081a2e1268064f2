import type { OperationExamples } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { invalidRequest, invalidUserId } from '../examples/problems'

export const unblockUser: OperationExamples = {
  parameters: { userId: benId },
  problem: invalidRequest(invalidUserId),
  steps: [{ status: 204, params: { userId: '{{benId}}' } }],
}
