import { OtpCheck, SignedIn } from '../../schemas/authentication'
import { toMe } from '../../schemas/user'
import { placeOf } from '../../src/core/edge'
import { avatarLinksFor } from '../../src/http/caller'
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
    counts: 'codeCheck',
    operationId: 'verifyOtp',
    method: 'post',
    path: '/v1/auth/otp/verify',
    tags: ['Authentication'],
    summary: 'Sign in with a code',
    description:
      'The second step of signing in. The correct code starts a session, and creates the user if the number is new. A verification allows 5 attempts within 10 minutes, or 2 while others are open for the same number, and works once. The most recently sent code verifies any of them. If the response is lost, the same code works again for 60 seconds and returns tokens for the same session. Phone numbers get new owners: if no device of the account has refreshed its tokens for 180 days, the number starts a new account, and the old one is deleted as by `deleteMe`, unless the device sends the last refresh token it had for that account as `previousRefreshToken`.',
    request: { body: jsonBody(OtpCheck) },
    responses: { 200: json(SignedIn, 'You are signed in.') },
    problems: [
      'host_not_allowed',
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
    return c.json({ tokens, user: toMe(user, avatarLinksFor(c)), isNewUser }, 200)
  },
)
