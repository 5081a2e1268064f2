import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { plainCode } from '../src/core/pasted-text'
import { SessionId, Timestamp, VerificationId } from './ids'
import { count } from './integers'
import { PhoneInput, Region } from './phone'
import { Problem } from './problem'
import { NewDeviceName, Platform } from './session'
import { Me, PhoneNumber } from './user'

export const Channel = z
  .enum(['sms', 'call', 'whatsapp'])
  .openapi('Channel', { description: 'How the code is delivered.', example: 'sms' })
export type Channel = z.infer<typeof Channel>

export const OtpPurpose = z.enum(['signIn', 'changePhoneNumber']).openapi('OtpPurpose', {
  description:
    'What a code is for: `signIn` for `verifyOtp`, `changePhoneNumber` for the operation of that name. The code works for that purpose only.',
  example: 'signIn',
})
export type OtpPurpose = z.infer<typeof OtpPurpose>

export const OtpRequest = z
  .strictObject({
    phoneNumber: PhoneInput,
    region: Region.optional(),
    channel: Channel.default('sms').openapi({ description: 'How the code is delivered; `sms` by default.' }),
    purpose: OtpPurpose.default('signIn').openapi({
      description:
        'What the code is for; `signIn` by default. `changePhoneNumber` requires an access token, and the code then works for that user only.',
    }),
    locale: z.string().optional().openapi({
      description:
        'Language of the message that contains the code: any BCP 47 tag. If there is no text in it, the message is in the same language without the region or, failing that, in that of the number’s country.',
      example: 'en',
    }),
    clientRequestId: z
      .string()
      .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, { message: 'Must be a UUID.' })
      .optional()
      .openapi({
        format: 'uuid',
        description:
          'A random UUID (RFC 9562), generated for this request and sent again with every retry of it, in case a response was lost. While the code is valid, a retry returns the same verification and sends nothing. With another number, purpose, or user, it is a different request.',
        example: '7f9c24e8-3b12-4b6f-8a1d-5c0e2f4a9b37',
      }),
    turnstileToken: z.string().max(limits.turnstileTokenCharactersMax).optional().openapi({
      description:
        'The token of a Turnstile widget whose action is `send-otp`, which proves that the request comes from a person. It is valid for 300 seconds, and only once. Send it after a `turnstile_required` response. If no token is needed, it is ignored and stays valid.',
      example: '0.zrSnRHO7h0HwSjSCU8oyzbjEtD8p',
    }),
  })
  .openapi('OtpRequest', {
    description: 'A request to send a code to a phone number.',
    example: { phoneNumber: '+351912345678' },
  })

const otpState = {
  resendAt: Timestamp.openapi({
    description: 'When you can request the next code, over one of `channels`; earlier requests are refused.',
  }),
  channels: z
    .array(Channel)
    .openapi({ description: 'The channels available for the next code.', example: ['sms', 'call'] }),
}

export const OtpRefusal = z
  .object({
    ...Problem.shape,
    ...otpState,
    checksLeft: count().nullable().openapi({
      description:
        'How many codes can still be tried with the number’s open verification; 0 if none is open. Null if this was not checked.',
      example: 3,
    }),
  })
  .openapi('OtpRefusal', {
    description: 'No code was sent, and nothing was counted. The last code that was sent is still as valid as before.',
  })

export const Verification = z
  .object({
    verificationId: VerificationId,
    phoneNumber: PhoneNumber,
    channel: Channel,
    expiresAt: Timestamp.openapi({
      description: `When the code expires: ${limits.otpLifetimeSeconds / 60} minutes after it was first sent.`,
    }),
    ...otpState,
    checksLeft: count().openapi({
      description: `How many codes can be tried with this verification: ${limits.otpChecksMax}, or ${limits.otpChecksShared} while others are open for the number, minus the attempts already made at the same code.`,
      example: limits.otpChecksMax,
    }),
  })
  .openapi('Verification', { description: 'A code is on its way. The same for registered and unregistered numbers.' })
export type Verification = z.infer<typeof Verification>

const refreshTokenExample =
  'rt_usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC.ses_01KAT5K70M2R9D6W4T8E3J5FPA.0.n2Jb8pQ4mXyT5cV7rL1zK0wE9sA3dF6gH2jU8iO4pBk.Xy7Lp2Qw9Rt4Vb6N'

export const RefreshToken = z.string().min(1).max(512).openapi({
  description: 'Opaque. Each use replaces it with a new one.',
  example: refreshTokenExample,
})

export const OtpCheck = z
  .strictObject({
    verificationId: VerificationId,
    code: z
      .string()
      .max(limits.codeInputCharactersMax)
      .overwrite(plainCode)
      .refine((code) => /^\d{4,10}$/.test(code), { message: 'Must be 4 to 10 digits.' })
      .openapi({
        description:
          'The code you received: 4 to 10 digits of any script. Spaces, line ends, and hyphens around and between them are ignored.',
        example: '482913',
      }),
    deviceName: NewDeviceName.optional(),
    platform: Platform.optional(),
    previousRefreshToken: z.string().optional().openapi({
      description:
        'The last refresh token of this device’s previous session, if that session expired unused. It shows that a number nobody has signed in with for a long time still has the same owner, whose account is then kept. Otherwise it has no effect, whatever its value.',
      example: refreshTokenExample,
    }),
  })
  .openapi('OtpCheck', {
    description: 'The code, and the name and platform of the device.',
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
      description: 'For the `Authorization: Bearer` header. Treat it as opaque.',
      example: 'eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiJ1c3JfMDEifQ.c2lnbmF0dXJl',
    }),
    accessTokenExpiresAt: Timestamp,
    refreshToken: RefreshToken,
    refreshTokenExpiresAt: Timestamp.openapi({
      description: 'When the refresh token expires unless you use it before then; each use restarts the period.',
    }),
    sessionId: SessionId,
  })
  .openapi('Tokens', { description: 'Tokens for one session.' })
export type Tokens = z.infer<typeof Tokens>

export const SignedIn = z
  .object({
    tokens: Tokens,
    user: Me,
    isNewUser: z.boolean().openapi({ description: 'Whether this sign-in created the user.', example: true }),
  })
  .openapi('SignedIn', { description: 'The tokens and user of a new session.' })
export type SignedIn = z.infer<typeof SignedIn>

export const TokenRefresh = z
  .strictObject({ refreshToken: RefreshToken })
  .openapi('TokenRefresh', { description: 'The most recent refresh token you received.' })
