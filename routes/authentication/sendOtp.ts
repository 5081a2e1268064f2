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
    counts: 'byHandler',
    operationId: 'sendOtp',
    method: 'post',
    path: '/v1/auth/otp',
    tags: ['Authentication'],
    summary: 'Send a code to a phone number',
    description:
      'The first step of signing in. Sends a code of a few digits and returns the `verificationId` that you pass to `verifyOtp` together with the code. With `purpose` `changePhoneNumber`, it requires an access token (`Authorization: Bearer`, which you set yourself: the document declares this operation as open), and the code works for that user and that purpose only. To sign in, no access token is needed, and one that you send is ignored. The response is the same whether or not the number is registered.\n\nYou can request the next code 1 minute after the first, then 2, 5, and 10 minutes after the previous one; entering a code correctly ends the wait. While a code is open, requesting again sends the same code, and attempts already made at it still count. A number is sent at most 10 codes a day: only 5 if your network has not signed in with it, or 7 with a Turnstile token. A refusal costs nothing, and its 429 says when to try again. If a response is lost, retry with the same `clientRequestId`: the call returns the same verification immediately and sends nothing. If fraud is likely, it fails with `turnstile_required`: show the widget and retry with its token.',
    request: { body: jsonBody(OtpRequest) },
    responses: { 200: json(Verification, 'A code is on its way.') },
    problems: [
      'turnstile_required',
      'host_not_allowed',
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
    const { channel, locale, purpose, clientRequestId, ...input } = c.req.valid('json')
    const [context, now] = [verificationContext(c), Date.now()]
    await rateShield(c.env.OTP_SHIELD_LIMITER, context, now)
    const codeFor: Purpose = purpose === 'signIn' ? { purpose } : { purpose, userId: (await authenticate(c)).userId }
    const phoneNumber = await phoneNumberOf(c.env.DB, input)
    const turnstileToken = input.turnstileToken || undefined
    const request = { phoneNumber, channel, locale, turnstileToken, clientRequestId }
    return c.json(await finishAfterDisconnect(c, openVerification(context, request, codeFor, now)), 200)
  },
)
