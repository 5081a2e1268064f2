import { OtpCheck, SignedIn } from '../../schemas/authentication'
import { toMe } from '../../schemas/user'
import { placeOf } from '../../src/core/edge'
import { linksFor } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { finishAfterDisconnect } from '../../src/http/finish-after-disconnect'
import { issueTokens } from '../../src/services/accounts/issue-tokens'
import { signIn } from '../../src/services/accounts/sign-in'
import { verificationContext } from '../../src/services/verification/context'
import { proveVerification } from '../../src/services/verification/prove-verification'
import { readConfig } from '../../src/settings/config'

export const verifyOtp = define(
  {
    access: 'public',
    operationId: 'verifyOtp',
    method: 'post',
    path: '/v1/auth/otp/verify',
    tags: ['Authentication'],
    summary: 'Sign in with a code',
    description:
      'The second step of signing in. The right code opens a session, and makes the user when the number is new. A verification takes 5 codes within 10 minutes, 2 while others are open for the same number, and works once; the code that was sent last proves any of them; if the reply was lost, the same code answers again for 60 seconds, with tokens of the same session. Numbers get new owners: when no device of the account has renewed its tokens for 180 days, the number begins a new account, and the old one is deleted as by `deleteMe`; unless the device sends the last refresh token that it had of it, as `previousRefreshToken`.',
    request: { body: jsonBody(OtpCheck) },
    responses: { 200: json(SignedIn, 'Signed in.') },
    problems: [
      'verification_not_found',
      'otp_wrong',
      'otp_expired',
      'otp_used',
      'otp_locked',
      'otp_provider_unavailable',
    ],
  },
  async (c) => {
    const config = readConfig(c.env)
    const input = c.req.valid('json')
    const proven = await finishAfterDisconnect(
      c,
      proveVerification(verificationContext(c), input, { purpose: 'signIn' }),
    )
    const { user, issued, isNewUser } = await signIn(c.env, proven, input, placeOf(c.req.raw))
    const tokens = await issueTokens(config, user.profile.id, issued, Date.now())
    return c.json({ tokens, user: toMe(user, linksFor(c)), isNewUser }, 200)
  },
)
