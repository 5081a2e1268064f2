import { type OperationExamples, single } from '../examples/operation-examples'
import { ana, newcomer, session, verificationId } from '../examples/people'
import { tokens } from '../examples/tokens'
import type { PostmanStep } from '../postman/step'

const signIn = (who: 'ana' | 'ben', note: string): PostmanStep => ({
  note,
  as: 'nobody',
  status: 200,
  body: { verificationId: '{{verificationId}}', code: '{{code}}', platform: 'other', deviceName: 'Postman' },
  keep: { [`${who}Id`]: 'user.id' },
  signsIn: who,
})

export const verifyOtp: OperationExamples = {
  body: single('The code that Ana received', {
    verificationId,
    code: '482913',
    deviceName: session.deviceName,
    platform: session.platform,
  }),
  responses: {
    200: {
      newUser: { summary: 'Ana signs in for the first time', value: { tokens, user: newcomer, isNewUser: true } },
      knownUser: { summary: 'Ana returns', value: { tokens, user: ana, isNewUser: false } },
    },
  },
  problem: { code: 'otp_wrong' },
  steps: [signIn('ben', 'Ben'), signIn('ana', 'Ana')],
}
