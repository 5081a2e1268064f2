import { changes } from '../examples/conversation'
import type { OperationExamples } from '../examples/operation-examples'
import { otherSession, otherSessionId } from '../examples/people'
import { invalidRequest, limitTooHigh } from '../examples/problems'

export const listChanges: OperationExamples = {
  responses: {
    200: {
      news: { summary: 'Ben has answered', value: changes },
      signedIn: {
        summary: 'Somebody has signed in as Ana, with a browser',
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
    { note: 'everything', status: 200, keep: { cursor: 'cursor' } },
    { note: 'what is new', status: 200, query: { cursor: '{{cursor}}' } },
  ],
}
