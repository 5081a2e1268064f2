import { changes } from '../examples/conversation'
import type { OperationExamples } from '../examples/operation-examples'
import { otherSession, otherSessionId } from '../examples/people'
import { invalidRequest, limitTooHigh } from '../examples/problems'

export const listChanges: OperationExamples = {
  responses: {
    200: {
      news: { summary: 'Ben has replied', value: changes },
      signedIn: {
        summary: 'Someone signed in as Ana in a browser',
        value: {
          ...changes,
          messages: [],
          chats: [],
          sessions: [{ sessionId: otherSessionId, session: otherSession }],
        },
      },
      nothing: { summary: 'Nothing new', value: { ...changes, messages: [], chats: [] } },
    },
  },
  problem: invalidRequest(limitTooHigh),
  steps: [
    { note: 'full copy', status: 200, keep: { cursor: 'cursor' } },
    { note: 'since the cursor', status: 200, query: { cursor: '{{cursor}}' } },
  ],
}
