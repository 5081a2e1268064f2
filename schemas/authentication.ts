import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { SessionId, Timestamp, VerificationId } from './ids'
import { PhoneInput, Region } from './phone'
import { Problem } from './problem'
import { DeviceName, Platform } from './session'
import { Me, PhoneNumber } from './user'

export const Channel = z
  .enum(['sms', 'call', 'whatsapp'])
  .openapi('Channel', { description: 'How the code travels.', example: 'sms' })
export type Channel = z.infer<typeof Channel>

export const OtpPurpose = z.enum(['signIn', 'changePhoneNumber']).openapi('OtpPurpose', {
  description:
    'What a code is for: `signIn` for `verifyOtp`, `changePhoneNumber` for the operation of that name. It serves that purpose alone.',
  example: 'signIn',
})
export type OtpPurpose = z.infer<typeof OtpPurpose>

export const OtpRequest = z
  .strictObject({
    phoneNumber: PhoneInput,
    region: Region.optional(),
    channel: Channel.default('sms').openapi({ description: 'How the code travels; `sms` when it is left out.' }),
    purpose: OtpPurpose.default('signIn').openapi({
      description:
        'What the code is for; `signIn` when it is left out. `changePhoneNumber` needs an access token, and the code then serves that user alone.',
    }),
    locale: z
      .string()
      .regex(/^[a-z]{2,3}(-[A-Za-z]{2,4})?$/, { message: 'A language tag such as `en` or `pt-BR`.' })
      .optional()
      .openapi({ description: 'Language of the text that carries the code (BCP 47).', example: 'en' }),
    clientRequestId: z
      .string()
      .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, { message: 'A UUID.' })
      .optional()
      .openapi({
        format: 'uuid',
        description:
          'A random UUID (RFC 9562), made for this request and sent again with each repeat of it. While its code is good, a repeat answers with the same verification and sends nothing: for replies that were lost. With another number, or another purpose or user, it is another request.',
        example: '7f9c24e8-3b12-4b6f-8a1d-5c0e2f4a9b37',
      }),
    turnstileToken: z.string().min(1).max(limits.turnstileTokenCharactersMax).optional().openapi({
      description:
        'The token of a Turnstile widget, which proves that a person asks: good for 300 seconds, once. Send it when `turnstile_required` was answered. It is not looked at, and stays good, when none is needed.',
      example: '0.zrSnRHO7h0HwSjSCU8oyzbjEtD8p',
    }),
  })
  .openapi('OtpRequest', { description: 'Whom to send a code.', example: { phoneNumber: '+351912345678' } })

const otpState = {
  resendAt: Timestamp.openapi({
    description: 'The next code may be asked for from then on, over one of `channels`; before, it is refused.',
  }),
  channels: z.array(Channel).openapi({ description: 'How the next code may travel.', example: ['sms', 'call'] }),
}

export const OtpRefusal = z
  .object({
    ...Problem.shape,
    ...otpState,
    checksLeft: z.int().min(0).nullable().openapi({
      description:
        'How many codes may still be tried with the verification that is open for the number; 0 when none is. Null when that was not looked at.',
      example: 3,
    }),
  })
  .openapi('OtpRefusal', {
    description: 'No code was sent, and nothing was counted. The last one that was sent is as good as before.',
  })

export const Verification = z
  .object({
    verificationId: VerificationId,
    phoneNumber: PhoneNumber,
    channel: Channel,
    expiresAt: Timestamp.openapi({
      description: `The code works until then: ${limits.otpLifetimeSeconds / 60} minutes after it was sent for the first time.`,
    }),
    ...otpState,
    checksLeft: z
      .int()
      .min(0)
      .openapi({
        description: `How many codes may be tried with this verification: ${limits.otpChecksMax}, or ${limits.otpChecksShared} while others are open for the number, less what was tried of the same code before.`,
        example: limits.otpChecksMax,
      }),
  })
  .openapi('Verification', { description: 'A code is on its way. The same for known and unknown numbers.' })
export type Verification = z.infer<typeof Verification>

export const RefreshToken = z.string().min(1).max(512).openapi({
  description: 'Opaque. Each use replaces it.',
  example:
    'rt_usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC.ses_01KAT5K70M2R9D6W4T8E3J5FPA.0.n2Jb8pQ4mXyT5cV7rL1zK0wE9sA3dF6gH2jU8iO4pBk',
})

export const OtpCheck = z
  .strictObject({
    verificationId: VerificationId,
    code: z
      .string()
      .regex(/^\d{4,10}$/, { message: '4 to 10 digits.' })
      .openapi({ description: 'The digits that were sent.', example: '482913' }),
    deviceName: DeviceName.optional(),
    platform: Platform.optional(),
    previousRefreshToken: RefreshToken.optional().openapi({
      description:
        'The last refresh token of the session that this device had before, when that ran out unused. It shows that a number nobody has signed in with for long has the same owner still, whose account then stays. Otherwise it does nothing, whatever it is.',
    }),
  })
  .openapi('OtpCheck', {
    description: 'The code, and what to call the device.',
    example: {
      verificationId: 'ver_01KAT5JZ4S7C1H9G0K2QX6B8VN',
      code: '482913',
      deviceName: 'Ana’s phone',
      platform: 'ios',
    },
  })

export const TokenType = z.enum(['Bearer']).openapi('TokenType', { description: 'RFC 6750.', example: 'Bearer' })

export const Tokens = z
  .object({
    tokenType: TokenType,
    accessToken: z.string().openapi({
      description: 'For the `Authorization: Bearer` header. Do not look inside.',
      example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDEifQ.c2lnbmF0dXJl',
    }),
    accessTokenExpiresAt: Timestamp,
    refreshToken: RefreshToken,
    refreshTokenExpiresAt: Timestamp.openapi({
      description: 'Unless it is used before: each use starts the time again.',
    }),
    sessionId: SessionId,
  })
  .openapi('Tokens', { description: 'What a signed-in device holds.' })
export type Tokens = z.infer<typeof Tokens>

export const SignedIn = z
  .object({
    tokens: Tokens,
    user: Me,
    isNewUser: z.boolean().openapi({ description: 'Whether this sign-in made the user.', example: true }),
  })
  .openapi('SignedIn', { description: 'A session has begun.' })
export type SignedIn = z.infer<typeof SignedIn>

export const TokenRefresh = z
  .strictObject({ refreshToken: RefreshToken })
  .openapi('TokenRefresh', { description: 'The refresh token last received.' })
