import { type OperationExamples, single } from '../examples/operation-examples'
import { anaNumber, verificationId } from '../examples/people'
import { refusal } from '../examples/problems'
import type { PostmanStep } from '../postman/step'

const signInWith = (who: 'ana' | 'ben', note: string): PostmanStep => ({
  note,
  as: 'nobody',
  status: 200,
  body: { phoneNumber: `{{${who}PhoneNumber}}` },
  keep: { verificationId: 'verificationId' },
})

export const sendOtp: OperationExamples = {
  body: {
    international: { summary: 'A number in E.164 format', value: { phoneNumber: anaNumber } },
    national: {
      summary: 'A number in national format, and a call in the user’s language',
      value: { phoneNumber: '912 345 678', region: 'PT', channel: 'call', locale: 'pt' },
    },
    newNumber: {
      summary: 'A new number for a signed-in user',
      value: { phoneNumber: anaNumber, purpose: 'changePhoneNumber' },
    },
  },
  responses: {
    200: single('A code is on its way to Ana', {
      verificationId,
      phoneNumber: anaNumber,
      channel: 'sms',
      expiresAt: '2026-11-24T09:29:30.000Z',
      resendAt: '2026-11-24T09:20:30.000Z',
      channels: ['sms', 'call', 'whatsapp'],
      checksLeft: 5,
    }),
  },
  problem: refusal(
    'phone_number_invalid',
    '/phoneNumber',
    'Use a plus sign and the country code, or set the region for a national format.',
  ),
  steps: [
    signInWith('ben', 'Ben'),
    signInWith('ana', 'Ana'),
    {
      note: 'to Ana’s new number',
      status: 200,
      body: { phoneNumber: '{{anaNewPhoneNumber}}', purpose: 'changePhoneNumber' },
      keep: { verificationId: 'verificationId' },
    },
  ],
}
