import { groupId, groupMessage } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const pinMessage: OperationExamples = {
  parameters: { groupId, messageId: groupMessage.id },
  responses: { 200: single('Ben’s question, pinned', { ...groupMessage, pinnedAt: '2026-11-24T10:06:00.000Z' }) },
  problem: { code: 'pins_full' },
  steps: [{ status: 200, params: { ...inGroup, messageId: '{{groupMessageId}}' } }],
}
