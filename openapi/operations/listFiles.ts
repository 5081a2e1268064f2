import { type OperationExamples, page, single } from '../examples/operation-examples'
import { picture } from '../examples/people'
import { invalidRequest, limitTooHigh } from '../examples/problems'

export const listFiles: OperationExamples = {
  responses: {
    200: single('One picture', {
      ...page(picture),
      usage: { bytes: picture.size, bytesMax: 5_368_709_120, files: 1 },
    }),
  },
  problem: invalidRequest(limitTooHigh),
  steps: [{ status: 200 }],
}
