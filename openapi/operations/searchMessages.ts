import { read } from '../examples/conversation'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { invalidRequest } from '../examples/problems'

export const searchMessages: OperationExamples = {
  responses: { 200: single('Messages with “lighthouse”', page(read)) },
  problem: invalidRequest({ pointer: '/query/q', code: 'too_big', detail: 'At most 100 characters.' }),
  steps: [{ status: 200, query: { q: 'lighth' } }],
}
