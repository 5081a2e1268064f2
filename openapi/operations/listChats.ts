import { chat } from '../examples/conversation'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { invalidRequest, limitTooHigh } from '../examples/problems'

export const listChats: OperationExamples = {
  responses: { 200: single('The chat with Ben, with his reply unread', page(chat)) },
  problem: invalidRequest(limitTooHigh),
  steps: [{ status: 200 }],
}
