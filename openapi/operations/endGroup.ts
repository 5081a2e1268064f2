import { groupId } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const endGroup: OperationExamples = {
  parameters: { groupId },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 204, params: inGroup }],
}
