import { benAdded, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { benId } from '../examples/people'
import { inGroup } from '../postman/step'

export const addGroupMembers: OperationExamples = {
  parameters: { groupId },
  body: { ben: { summary: 'Add Ben', value: { userIds: [benId] } } },
  responses: { 200: single('Ben is a member', benAdded) },
  problem: { code: 'group_full' },
  steps: [{ status: 200, params: inGroup, body: { userIds: ['{{benId}}'] } }],
}
