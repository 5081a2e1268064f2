import type { OperationExamples } from '../examples/operation-examples'

export const endOtherSessions: OperationExamples = {
  problem: { code: 'access_token_expired' },
  steps: [{ status: 204 }],
}
