import { type OperationExamples, page, single } from '../examples/operation-examples'
import { contact } from '../examples/people'
import { invalidRequest, limitTooHigh } from '../examples/problems'

export const listContacts: OperationExamples = {
  responses: { 200: single('Only Ben', page(contact)) },
  problem: invalidRequest(limitTooHigh),
  steps: [{ status: 200 }],
}
