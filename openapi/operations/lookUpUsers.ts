import { type OperationExamples, single } from '../examples/operation-examples'
import { ben, benId } from '../examples/people'
import { invalidRequest } from '../examples/problems'

const nobodyId = 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC'

export const lookUpUsers: OperationExamples = {
  body: single('Ben, and somebody who has left', { userIds: [benId, nobodyId] }),
  responses: { 200: single('Only Ben exists', { users: [ben], notFound: [nobodyId] }) },
  problem: invalidRequest({
    pointer: '/userIds',
    code: 'invalid_type',
    detail: 'Invalid input: expected array, received string',
  }),
  steps: [{ status: 200, body: { userIds: ['{{benId}}'] } }],
}
