import { type OperationExamples, single } from '../examples/operation-examples'
import { anaId } from '../examples/people'

export const createRealtimeTicket: OperationExamples = {
  responses: {
    201: single('A ticket for Ana', {
      ticket: `tk_${anaId}.q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE.Bv2Tn7Ys4Wq9Ex1C`,
      expiresAt: '2026-11-24T09:30:30.000Z',
    }),
  },
  problem: { code: 'access_token_expired' },
  steps: [{ status: 201, keep: { ticket: 'ticket' } }],
}
