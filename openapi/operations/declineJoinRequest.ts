import { groupId } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { inGroup } from '../postman/step'

export const declineJoinRequest: OperationExamples = {
  parameters: { groupId, userId: benId },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 204, params: { ...inGroup, userId: '{{benId}}' } }],
}
