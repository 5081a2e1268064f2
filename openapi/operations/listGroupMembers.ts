import { benAsMember, groupId, owner } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const listGroupMembers: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('Ana and Ben', page(owner, benAsMember)) },
  problem: { code: 'chat_not_found' },
  steps: [{ status: 200, params: inGroup }],
}
