import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import * as verifications from '../../repositories/verifications'
import type { SignedIn, Verification } from '../../schemas/authentication'
import { verificationContext } from '../../src/services/verification/context'
import { proveVerification } from '../../src/services/verification/prove-verification'
import { baseUrl, call, ok, refused } from '../support/call'
import { later } from '../support/clock'
import { expired } from '../support/tokens'
import { codeFor, newPhoneNumber, newUser, signIn } from '../support/users'

const sendTo = (phoneNumber: string) => ok<Verification>('sendOtp', { body: { phoneNumber } })
const wrongCode = (phoneNumber: string) => (codeFor(phoneNumber) === '000000' ? '000001' : '000000')

test('a new number creates a user, and every later sign-in is the same user', async () => {
  const phoneNumber = newPhoneNumber()
  const first = await signIn(phoneNumber)
  expect(first.isNewUser).toBe(true)
  const again = await signIn(phoneNumber)
  expect(again).toMatchObject({ isNewUser: false, user: { id: first.user.id } })
  expect(again.tokens.sessionId).not.toBe(first.tokens.sessionId)
})

test('the response of sendOtp is the same for known and unknown numbers', async () => {
  const known = newPhoneNumber()
  await signIn(known)
  const shape = ({ status, body }: { status: number; body: unknown }) => ({ status, keys: Object.keys(Object(body)) })
  const answers = [
    await call('sendOtp', { body: { phoneNumber: known } }),
    await call('sendOtp', { body: { phoneNumber: newPhoneNumber() } }),
  ]
  expect(answers[0] && shape(answers[0])).toEqual(answers[1] && shape(answers[1]))
})

test('numbers are accepted in national format with a region, and rejected when impossible', async () => {
  const national = await ok<Verification>('sendOtp', { body: { phoneNumber: '0171 555 0123', region: 'DE' } })
  expect(national.phoneNumber).toBe('+491715550123')
  for (const body of [
    { phoneNumber: '0171 555 0123' },
    { phoneNumber: '+1' },
    { phoneNumber: 'my phone' },
    { phoneNumber: '+1202555012345678' },
  ]) {
    const { body: problem } = await refused('sendOtp', 'phone_number_invalid', { body })
    expect(problem.errors?.[0]?.pointer).toBe('/phoneNumber')
  }
  const { body: problem } = await refused('sendOtp', 'phone_number_invalid', {
    body: { phoneNumber: '0171 555 0123', region: 'ZZ' },
  })
  expect(problem.errors?.[0]?.pointer).toBe('/region')
})

describe('resending a code', () => {
  test('requires a wait of 60 seconds and says how long is left', async () => {
    const phoneNumber = newPhoneNumber()
    const { resendAt } = await sendTo(phoneNumber)
    const { headers } = await refused('sendOtp', 'resend_too_soon', { body: { phoneNumber } })
    const wait = Number(headers.get('Retry-After'))
    expect(wait).toBeGreaterThan(0)
    expect(Date.now() + wait * 1000).toBeGreaterThanOrEqual(Date.parse(resendAt))
    await later(61, () => sendTo(phoneNumber))
  })

  test('succeeds for one of several concurrent calls', async () => {
    const phoneNumber = newPhoneNumber()
    const answers = await Promise.all(Array.from({ length: 10 }, () => call('sendOtp', { body: { phoneNumber } })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(9)
  })
})

describe('a verification', () => {
  test('checks five codes, and then not even the right one', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await sendTo(phoneNumber)
    for (let n = 0; n < 5; n++)
      await refused('verifyOtp', 'otp_wrong', { body: { verificationId, code: wrongCode(phoneNumber) } })
    await refused('verifyOtp', 'otp_locked', { body: { verificationId, code: codeFor(phoneNumber) } })
  })

  test('checks five codes even when more arrive at once', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await sendTo(phoneNumber)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        call<{ code: string }>('verifyOtp', { body: { verificationId, code: wrongCode(phoneNumber) } }),
      ),
    )
    expect(answers.filter(({ body }) => body.code === 'otp_wrong')).toHaveLength(5)
    expect(answers.filter(({ body }) => body.code === 'otp_locked')).toHaveLength(15)
  })

  test('expires after ten minutes', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await sendTo(phoneNumber)
    await later(601, () =>
      refused('verifyOtp', 'otp_expired', { body: { verificationId, code: codeFor(phoneNumber) } }),
    )
  })

  test('works once; the same code returns the same session again for a minute', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await sendTo(phoneNumber)
    const body = { verificationId, code: codeFor(phoneNumber) }
    const first = await ok<SignedIn>('verifyOtp', { body })
    const again = await ok<SignedIn>('verifyOtp', { body })
    expect(again).toMatchObject({ isNewUser: true, user: { id: first.user.id } })
    expect(again.tokens.sessionId).toBe(first.tokens.sessionId)
    expect(again.tokens.refreshToken).toBe(first.tokens.refreshToken)

    const { refreshToken } = await ok<{ refreshToken: string }>('refreshTokens', {
      body: { refreshToken: first.tokens.refreshToken },
    })
    expect((await ok<SignedIn>('verifyOtp', { body })).tokens.refreshToken).toBe(refreshToken)

    await refused('verifyOtp', 'otp_used', { body: { verificationId, code: wrongCode(phoneNumber) } })
    await later(61, () => refused('verifyOtp', 'otp_used', { body }))
  })

  test('does not revive the session it opened once that session has ended', async () => {
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await sendTo(phoneNumber)
    const body = { verificationId, code: codeFor(phoneNumber) }
    const { tokens } = await ok<SignedIn>('verifyOtp', { body })
    await ok('logout', {}, { as: tokens })
    await refused('verifyOtp', 'otp_used', { body })
    await refused('getMe', 'session_ended', {}, { as: tokens })
  })

  test('that nobody opened is not found', async () => {
    await refused('verifyOtp', 'verification_not_found', {
      body: { verificationId: 'ver_01KAT5JZ4S7C1H9G0K2QX6B8VN', code: '123456' },
    })
  })
})

describe('a code to change the phone number', () => {
  const purpose = 'changePhoneNumber'

  test('is sent only to a signed-in user', async () => {
    const body = { phoneNumber: newPhoneNumber(), purpose }
    await refused('sendOtp', 'unauthenticated', { body })
    await refused('sendOtp', 'access_token_invalid', { body }, { as: { accessToken: 'garbage' } })
    await refused('sendOtp', 'access_token_expired', { body }, { as: await expired() })
    const user = await newUser()
    const { verificationId } = await ok<Verification>('sendOtp', { body }, { as: user })
    expect(await verifications.find(env.DB, verificationId)).toMatchObject({ purpose, userId: user.id })
    await ok('logout', {}, { as: user })
    await refused('sendOtp', 'session_ended', { body: { phoneNumber: newPhoneNumber(), purpose } }, { as: user })
  })

  test('does not sign in', async () => {
    const phoneNumber = newPhoneNumber()
    const user = await newUser()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber, purpose } }, { as: user })
    const body = { verificationId, code: codeFor(phoneNumber) }
    await refused('verifyOtp', 'verification_not_found', { body })
    await refused('verifyOtp', 'verification_not_found', { body }, { as: user })
  })

  test('proves the number for the user who asked, and no sign-in code does', async () => {
    const prove = (verificationId: string, phoneNumber: string, userId: string) => {
      const context = verificationContext({ env, req: { url: baseUrl, raw: new Request(baseUrl) } })
      return proveVerification(context, { verificationId, code: codeFor(phoneNumber) }, { purpose, userId })
    }
    const [user, other] = [await newUser(), await newUser()]
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber, purpose } }, { as: user })
    await expect(prove(verificationId, phoneNumber, other.id)).rejects.toMatchObject({ code: 'verification_not_found' })
    expect(await prove(verificationId, phoneNumber, user.id)).toMatchObject({ phoneNumber })

    const forSignIn = newPhoneNumber()
    const sent = await ok<Verification>('sendOtp', { body: { phoneNumber: forSignIn } }, { as: user })
    const refusal = { code: 'verification_not_found' }
    await expect(prove(sent.verificationId, forSignIn, user.id)).rejects.toMatchObject(refusal)
  })
})

test('an access token sent along with a sign-in is ignored', async () => {
  await ok('sendOtp', { body: { phoneNumber: newPhoneNumber() } }, { as: { accessToken: 'garbage' } })
})

test('two concurrent first sign-ins of one number create one user', async () => {
  const phoneNumber = newPhoneNumber()
  const first = await sendTo(phoneNumber)
  const firstCode = codeFor(phoneNumber)
  const second = await later(61, () => sendTo(phoneNumber))
  const answers = await Promise.all([
    ok<SignedIn>('verifyOtp', { body: { verificationId: first.verificationId, code: firstCode } }),
    ok<SignedIn>('verifyOtp', { body: { verificationId: second.verificationId, code: codeFor(phoneNumber) } }),
  ])
  expect(new Set(answers.map(({ user }) => user.id)).size).toBe(1)
  expect(answers.filter(({ isNewUser }) => isNewUser)).toHaveLength(1)
  for (const { tokens } of answers) expect((await call('getMe', {}, { as: tokens })).status).toBe(200)
})
