import { answerId, chatRead } from '../examples/conversation'
import { type OperationExamples, single } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const markChatRead: OperationExamples = {
  body: single('Up to Ben’s reply', { upToMessageId: answerId }),
  responses: { 200: single('Nothing is unread', chatRead) },
  problem: { code: 'message_not_found' },
  steps: [{ status: 200, params: withBen, body: { upToMessageId: '{{replyId}}' } }],
}
