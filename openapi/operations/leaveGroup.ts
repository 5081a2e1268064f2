import { groupId } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const leaveGroup: OperationExamples = {
  parameters: { groupId },
  problem: { code: 'chat_not_found' },
  steps: [{ status: 204, as: 'ben', note: 'Ben', params: inGroup }],
}
