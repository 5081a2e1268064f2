import { type OperationExamples, page, single } from '../examples/operation-examples'
import { otherSession, session } from '../examples/people'

export const listSessions: OperationExamples = {
  responses: {
    200: single('Ana’s phone, and a browser she forgot to sign out of', page(session, otherSession)),
  },
  problem: { code: 'access_token_expired' },
  steps: [{ status: 200 }],
}
