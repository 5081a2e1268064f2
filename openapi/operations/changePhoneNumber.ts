import { type OperationExamples, single } from '../examples/operation-examples'
import { ana, verificationId } from '../examples/people'

export const changePhoneNumber: OperationExamples = {
  body: single('The code that was sent to the new number', { verificationId, code: '482913' }),
  responses: {
    200: single('Ana, with her new number', {
      ...ana,
      phoneNumber: '+351912345699',
      updatedAt: '2026-11-24T09:40:00.000Z',
    }),
  },
  problem: { code: 'phone_number_taken' },
  steps: [{ status: 200, body: { verificationId: '{{verificationId}}', code: '{{code}}' } }],
}
