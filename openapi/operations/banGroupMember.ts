import { benBanned, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { inGroup } from '../postman/step'

export const banGroupMember: OperationExamples = {
  parameters: { groupId, userId: benId },
  responses: { 200: single('Ben was a member', benBanned) },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 200, params: { ...inGroup, userId: '{{benId}}' } }],
}
