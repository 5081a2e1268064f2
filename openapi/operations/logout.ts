import type { OperationExamples } from '../examples/operation-examples'

export const logout: OperationExamples = {
  problem: { code: 'session_ended' },
  steps: [{ as: 'ben', status: 204, signsOut: 'ben' }],
}
