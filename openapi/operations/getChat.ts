import { chat } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const getChat: OperationExamples = {
  responses: { 200: single('The chat with Ben, with his reply unread', chat) },
  problem: { code: 'chat_not_found' },
  steps: [{ status: 200, params: withBen }],
}
