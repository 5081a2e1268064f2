import { type OperationExamples, single } from '../examples/operation-examples'
import { invalidFlag } from '../examples/problems'

export const getHealth: OperationExamples = {
  responses: { 200: single('The service is healthy', { status: 'ok' }) },
  problem: { code: 'service_unavailable' },
  mistake: invalidFlag('deep'),
  steps: [{ as: 'nobody', status: 200, query: { deep: 'true' } }],
}
