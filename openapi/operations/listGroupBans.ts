import { benBanned, groupId } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const listGroupBans: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('Only Ben', page(benBanned)) },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 200, params: inGroup }],
}
