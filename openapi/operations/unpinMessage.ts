import { groupId, groupMessage } from '../examples/groups'
import type { OperationExamples } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const unpinMessage: OperationExamples = {
  parameters: { groupId, messageId: groupMessage.id },
  problem: { code: 'not_allowed_in_group' },
  steps: [{ status: 204, params: { ...inGroup, messageId: '{{groupMessageId}}' } }],
}
