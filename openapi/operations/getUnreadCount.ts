import { type OperationExamples, single } from '../examples/operation-examples'

export const getUnreadCount: OperationExamples = {
  responses: {
    200: single('Ben’s reply is unread', {
      messages: 1,
      chats: 1,
      withoutMuted: { messages: 1, chats: 1 },
      complete: true,
    }),
  },
  problem: { code: 'access_token_expired' },
  steps: [{ status: 200 }],
}
