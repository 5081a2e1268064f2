import { benAsAdmin, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { inGroup } from '../postman/step'

export const updateGroupMember: OperationExamples = {
  parameters: { groupId, userId: benId },
  body: { admin: { summary: 'Make Ben an admin', value: { role: 'admin' } } },
  responses: { 200: single('Ben is an admin', benAsAdmin) },
  problem: { code: 'member_not_found' },
  steps: [{ status: 200, params: { ...inGroup, userId: '{{benId}}' }, body: { role: 'admin' } }],
}
