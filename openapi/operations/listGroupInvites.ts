import { groupId, invite } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const listGroupInvites: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('One invitation', page(invite)) },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 200, params: inGroup }],
}
