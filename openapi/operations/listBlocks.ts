import { type OperationExamples, page, single } from '../examples/operation-examples'
import { block } from '../examples/people'
import { invalidRequest, limitTooHigh } from '../examples/problems'

export const listBlocks: OperationExamples = {
  responses: { 200: single('Only Ben', page(block)) },
  problem: invalidRequest(limitTooHigh),
  steps: [{ status: 200 }],
}
