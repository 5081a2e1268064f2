import type { OperationExamples } from '../examples/operation-examples'
import { withBen } from '../postman/step'

export const deleteMessage: OperationExamples = {
  problem: { code: 'not_the_author' },
  steps: [
    {
      status: 204,
      params: { ...withBen, messageId: '{{messageId}}' },
      query: { scope: 'everyone' },
    },
  ],
}
