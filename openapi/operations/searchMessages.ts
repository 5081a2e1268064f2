import type { MessageHit } from '../../schemas/search'
import { read } from '../examples/conversation'
import { type OperationExamples, page, single } from '../examples/operation-examples'
import { invalidRequest } from '../examples/problems'

const found: MessageHit = {
  ...read,
  snippet: [
    { text: 'Did you see the ', isMatch: false },
    { text: 'lighth', isMatch: true },
    { text: 'ouse?', isMatch: false },
  ],
}

export const searchMessages: OperationExamples = {
  responses: { 200: single('Messages with “lighthouse”', { ...page(found), complete: true }) },
  problem: invalidRequest({ pointer: '/query/q', code: 'too_big', detail: 'At most 100 characters.' }),
  steps: [{ status: 200, query: { q: 'lighth' } }],
}
