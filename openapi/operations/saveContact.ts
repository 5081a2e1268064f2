import { type OperationExamples, single } from '../examples/operation-examples'
import { benId, contact } from '../examples/people'

export const saveContact: OperationExamples = {
  parameters: { userId: benId },
  body: single('Ana’s name for Ben', { name: contact.name }),
  responses: { 200: single('Ben is a contact', contact) },
  problem: { code: 'user_not_found' },
  steps: [{ status: 200, params: { userId: '{{benId}}' }, body: { name: 'Ben from the harbor' } }],
}
