import { groupId, joinRequest } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const listJoinRequests: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('Ben wants to join', page(joinRequest)) },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 200, params: inGroup }],
}
