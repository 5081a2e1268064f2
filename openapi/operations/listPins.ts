import { groupId, groupMessage } from '../examples/groups'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const listPins: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('One message', page({ ...groupMessage, pinnedAt: '2026-11-24T10:06:00.000Z' })) },
  problem: { code: 'chat_not_found' },
  steps: [{ status: 200, params: inGroup }],
}
