import { groupChat, groupId } from '../examples/groups'
import { type OperationExamples, single } from '../examples/operation-examples'
import { inGroup } from '../postman/step'

export const getGroup: OperationExamples = {
  parameters: { groupId },
  responses: { 200: single('A message from Ben is unread', groupChat) },
  problem: { code: 'chat_not_found' },
  steps: [{ status: 200, params: inGroup }],
}
