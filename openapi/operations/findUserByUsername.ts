import { type OperationExamples, page } from '../examples/operation-examples'
import { ben } from '../examples/people'
import { invalidRequest } from '../examples/problems'

export const findUserByUsername: OperationExamples = {
  parameters: { username: 'ben_costa' },
  responses: {
    200: {
      found: { summary: 'Ben', value: page(ben) },
      nobody: { summary: 'Nobody has this username', value: page() },
    },
  },
  problem: invalidRequest({
    pointer: '/query/username',
    code: 'invalid_format',
    detail: 'Must be 3 to 32 letters (A-Z, a-z), digits, or underscores.',
  }),
  steps: [{ status: 200, query: { username: 'ben_costa' } }],
}
