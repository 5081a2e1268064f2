import { OtpRefusal, OtpRequest, Verification } from '../../schemas/authentication'
import { authenticate } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { finishAfterDisconnect } from '../../src/http/finish-after-disconnect'
import { verificationContext } from '../../src/services/verification/context'
import { openVerification } from '../../src/services/verification/open-verification'
import { phoneNumberOf } from '../../src/services/verification/phone-number'
import type { Purpose } from '../../src/services/verification/purpose'
import { rateShield } from '../../src/services/verification/rate-shield'

export const sendOtp = define(
  {
    access: 'optionalSession',
    operationId: 'sendOtp',
    method: 'post',
    path: '/v1/auth/otp',
    tags: ['Authentication'],
    summary: 'Send a code to a phone number',
    description:
      'The first step of signing in. Sends a code of a few digits and answers with the `verificationId` that `verifyOtp` takes together with it. With `purpose` `changePhoneNumber` it needs an access token, and the code serves that user and that purpose alone; for signing in none is needed, and one that is sent is not looked at. The answer is the same whether the number is known or not.\n\nThe next code may be asked for 1 minute after the first, then 2, 5 and 10 minutes after the last; a code that was given back ends the wait. While a code is open, asking again sends the same one, and what was tried of it stays tried. A number is sent 10 codes a day at most, 5 of them where the network has not signed in with it, 7 with a Turnstile token. A refusal costs nothing, and its 429 says when. When a reply is lost, ask again with the same `clientRequestId`: it answers with the same verification, at once, and sends nothing. Where fraud is likely the answer is `turnstile_required`: show the widget, and ask again with its token.',
    request: { body: jsonBody(OtpRequest) },
    responses: { 200: json(Verification, 'A code is on its way.') },
    problems: [
      'turnstile_required',
      'phone_number_invalid',
      'phone_number_refused',
      'channel_unavailable',
      'turnstile_failed',
      'resend_too_soon',
      'otp_sends_exhausted',
      'too_many_requests',
      'otp_provider_unavailable',
    ],
    problemExtensions: {
      429: {
        schema: OtpRefusal,
        example: { resendAt: '2026-11-25T12:01:00.000Z', checksLeft: 5, channels: ['sms', 'call', 'whatsapp'] },
      },
    },
  },
  async (c) => {
    const { channel, locale, purpose, turnstileToken, clientRequestId, ...input } = c.req.valid('json')
    const [context, now] = [verificationContext(c), Date.now()]
    await rateShield(c.env.OTP_SHIELD_LIMITER, context, now)
    const codeFor: Purpose = purpose === 'signIn' ? { purpose } : { purpose, userId: (await authenticate(c)).userId }
    const request = { phoneNumber: phoneNumberOf(input), channel, locale, turnstileToken, clientRequestId }
    return c.json(await finishAfterDisconnect(c, openVerification(context, request, codeFor, now)), 200)
  },
)
