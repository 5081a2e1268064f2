import { type OperationExamples, single } from '../examples/operation-examples'
import { ben, benNumber } from '../examples/people'
import { refusal } from '../examples/problems'

export const findContacts: OperationExamples = {
  body: single('Three entries of Ana’s address book', {
    phoneNumbers: [benNumber, '+351912345680', 'not a number'],
    region: 'PT',
  }),
  responses: {
    200: single('One of them is Ben', {
      matches: [{ phoneNumber: benNumber, user: ben }],
      invalid: ['not a number'],
    }),
  },
  problem: refusal('phone_number_invalid', '/region', 'No region with phone numbers has this code.'),
  steps: [{ status: 200, body: { phoneNumbers: ['{{benPhoneNumber}}', 'not a number'] } }],
}
