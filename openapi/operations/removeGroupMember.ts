import { groupId } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { inGroup } from '../postman/step'

export const removeGroupMember: OperationExamples = {
  parameters: { groupId, userId: benId },
  problem: { code: 'member_not_found' },
  steps: [{ status: 204, params: { ...inGroup, userId: '{{benId}}' } }],
}
