import { benAsMember, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { inGroup } from '../postman/step'

export const approveJoinRequest: OperationExamples = {
  parameters: { groupId, userId: benId },
  responses: { 200: single('Ben is a member', benAsMember) },
  problem: { code: 'join_request_not_found' },
  steps: [{ status: 200, params: { ...inGroup, userId: '{{benId}}' } }],
}
