import type { OperationExamples } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const clearChat: OperationExamples = {
  problem: { code: 'chat_not_found' },
  steps: [{ status: 204, params: withBen }],
}
