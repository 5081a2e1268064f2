import type { OperationExamples } from '../examples/operation-examples'

export const logout: OperationExamples = {
  problem: { code: 'access_token_expired' },
  steps: [{ as: 'ben', status: 204, signsOut: 'ben' }],
}
