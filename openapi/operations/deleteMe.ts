import type { OperationExamples } from '../examples/operation-examples'

export const deleteMe: OperationExamples = {
  problem: { code: 'session_ended' },
  steps: [{ status: 204, signsOut: 'ana' }],
}
