import type { OperationExamples } from '../examples/operation-examples'
import { otherSessionId } from '../examples/people'

export const endSession: OperationExamples = {
  parameters: { sessionId: otherSessionId },
  problem: { code: 'session_not_found' },
  steps: [
    {
      note: 'another user’s session, so 404',
      status: 404,
      params: { sessionId: '{{benSessionId}}' },
    },
  ],
}
