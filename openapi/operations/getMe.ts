import { type OperationExamples, single } from '../examples/operation-examples'
import { ana } from '../examples/people'

export const getMe: OperationExamples = {
  responses: { 200: single('Ana', ana) },
  problem: { code: 'access_token_expired' },
  steps: [{ status: 200 }],
}
