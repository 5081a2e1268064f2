import { afterEach, expect, test, vi } from 'vitest'
import type { SignedIn, Verification } from '../../schemas/authentication'
import type { ProblemCode } from '../../src/core/errors'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { asDeployed, at } from '../support/otp-caller'
import { newPhoneNumber } from '../support/users'
import {
  checkFaults,
  expireVerification,
  sendFaults,
  sentCode,
  useUpSends,
  verifyRequests,
  verifySettings,
} from '../support/verify'

afterEach(() => {
  vi.useRealTimers()
})

const withTwilio = () => ({ env: verifySettings() })
const sendTo = (phoneNumber: string) => ok<Verification>('sendOtp', { body: { phoneNumber } }, withTwilio())

test('a code that Twilio sent signs in, once', async () => {
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await sendTo(phoneNumber)
  const body = { verificationId, code: await sentCode(phoneNumber) }
  const { user, isNewUser } = await ok<SignedIn>('verifyOtp', { body }, withTwilio())
  expect({ phoneNumber: user.phoneNumber, isNewUser }).toEqual({ phoneNumber, isNewUser: true })
})

test('duplicate calls with the right code open one session, although Twilio approves only one of them', async () => {
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await sendTo(phoneNumber)
  const body = { verificationId, code: await sentCode(phoneNumber) }
  const answers = await Promise.all([1, 2, 3].map(() => ok<SignedIn>('verifyOtp', { body }, withTwilio())))
  expect(new Set(answers.map(({ tokens }) => tokens.sessionId)).size).toBe(1)
  expect(new Set(answers.map(({ user }) => user.id)).size).toBe(1)
})

test.for([
  [sendFaults.invalid, 'phone_number_invalid'],
  [sendFaults.landline, 'phone_number_refused'],
  [sendFaults.fraudGuard, 'phone_number_refused'],
  [sendFaults.tooManyRequests, 'otp_provider_unavailable'],
  [sendFaults.broken, 'otp_provider_unavailable'],
  [sendFaults.garbled, 'otp_provider_unavailable'],
] satisfies [string, ProblemCode][])(
  'a send to %s that Twilio refuses is %s, in our words, and uses no budget',
  async ([phoneNumber, code]) => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { body } = await refused('sendOtp', code, { body: { phoneNumber } }, withTwilio())
      expect(JSON.stringify(body)).not.toMatch(/twilio|VE[0-9a-f]{32}|\+1500/i)
    }
  },
)

test('a send whose outcome Twilio does not report counts, as it may have been made, but keeps nobody waiting', async () => {
  const phoneNumber = sendFaults.incomplete
  const settings = { env: asDeployed({ ...verifySettings(), OTP_RISK_RULES: '[]' }) }
  const ask = () => call('sendOtp', { body: { phoneNumber } }, settings)
  const answers = []
  for (let asked = 0; asked < 6; asked++) answers.push((await ask()).body)
  expect(answers.map((body) => Reflect.get(body ?? {}, 'code'))).toEqual([
    ...Array.from({ length: 5 }, () => 'otp_provider_unavailable'),
    'otp_sends_exhausted',
  ])
})

test('repeating a request that failed makes it again', async () => {
  const phoneNumber = newPhoneNumber()
  const body = { phoneNumber, clientRequestId: crypto.randomUUID() }
  const unreachable = { env: { ...verifySettings(), TWILIO_BASE_URL: 'http://127.0.0.1:9' } }
  await refused('sendOtp', 'otp_provider_unavailable', { body }, unreachable)
  const first = await ok<Verification>('sendOtp', { body }, withTwilio())
  expect(await ok<Verification>('sendOtp', { body }, withTwilio())).toEqual(first)
  expect(await verifyRequests(phoneNumber)).toHaveLength(1)
})

/** Sends a code, and moves the clock to when the next one is allowed. */
async function sendWhenDue(phoneNumber: string) {
  const sent = await sendTo(phoneNumber)
  vi.setSystemTime(Date.parse(sent.resendAt))
  return sent
}

const cancellations = async (phoneNumber: string) =>
  (await verifyRequests(phoneNumber)).filter(({ form }) => form['Status'] === 'canceled')

test('while a code is open, the same one is resent and still proves the first verification', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await sendWhenDue(phoneNumber)
  const code = await sentCode(phoneNumber)
  await sendWhenDue(phoneNumber)
  expect(await sentCode(phoneNumber)).toBe(code)
  expect(await cancellations(phoneNumber)).toEqual([])
  expect((await call('verifyOtp', { body: { verificationId, code } }, withTwilio())).status).toBe(200)
})

test('a code that Twilio no longer checks is canceled, and a new one is sent', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await sendWhenDue(phoneNumber)
  const code = await sentCode(phoneNumber)
  const wrong = code === '123456' ? '654321' : '123456'
  for (let tried = 0; tried < 5; tried++)
    await refused('verifyOtp', 'otp_wrong', { body: { verificationId, code: wrong } }, withTwilio())
  await refused('verifyOtp', 'otp_locked', { body: { verificationId, code } }, withTwilio())
  const { verificationId: next } = await sendWhenDue(phoneNumber)
  expect(await cancellations(phoneNumber)).toHaveLength(1)
  const body = { verificationId: next, code: await sentCode(phoneNumber) }
  expect((await call('verifyOtp', { body }, withTwilio())).status).toBe(200)
})

test('a code requested just as the previous one expires is a new one and works', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const phoneNumber = newPhoneNumber()
  const { expiresAt } = await sendTo(phoneNumber)
  vi.setSystemTime(Date.parse(expiresAt))
  // Twilio received the first one a little later, so there it is still open.
  const { verificationId, expiresAt: until } = await sendTo(phoneNumber)
  expect(Date.parse(until)).toBe(Date.now() + limits.otpLifetimeSeconds * 1000)
  expect(await cancellations(phoneNumber)).toHaveLength(1)
  const body = { verificationId, code: await sentCode(phoneNumber) }
  expect((await call('verifyOtp', { body }, withTwilio())).status).toBe(200)
})

test('a code that Twilio no longer sends, for reasons of its own, is canceled, and a new one is sent', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const phoneNumber = newPhoneNumber()
  await sendWhenDue(phoneNumber)
  await useUpSends(phoneNumber)
  const { verificationId } = await sendWhenDue(phoneNumber)
  expect(await cancellations(phoneNumber)).toHaveLength(1)
  const body = { verificationId, code: await sentCode(phoneNumber) }
  expect((await call('verifyOtp', { body }, withTwilio())).status).toBe(200)
})

test('a code for a known network is not canceled for a stranger when Twilio sends no more', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
  const phoneNumber = newPhoneNumber()
  const from = (ip: string) => at({ ip }, asDeployed(verifySettings()))
  const [home, away] = [from('198.51.100.1'), from('198.51.100.2')]
  const first = await home.ask(phoneNumber)
  expect((await home.give(first.body.verificationId, await sentCode(phoneNumber))).status).toBe(200)
  const own = await home.ask(phoneNumber)
  await useUpSends(phoneNumber)
  vi.setSystemTime(Date.parse(own.body.resendAt))
  const refusal = await away.ask(phoneNumber)
  expect(refusal.body).toMatchObject({ code: 'otp_sends_exhausted', resendAt: own.body.expiresAt })
  expect(await cancellations(phoneNumber)).toEqual([])
  expect((await home.give(own.body.verificationId, await sentCode(phoneNumber))).status).toBe(200)
})

test('when Twilio sends no code to a number, the refusal says when to retry and what is left', async () => {
  const phoneNumber = newPhoneNumber()
  await useUpSends(phoneNumber)
  const now = Date.now()
  const { body, headers } = await refused('sendOtp', 'otp_sends_exhausted', { body: { phoneNumber } }, withTwilio())
  expect(Number(headers.get('Retry-After'))).toBe(limits.otpLifetimeSeconds)
  expect(body).toMatchObject({ checksLeft: 0, channels: ['sms', 'call', 'whatsapp'] })
  expect(Date.parse(Reflect.get(body, 'resendAt'))).toBeGreaterThanOrEqual(now + limits.otpLifetimeSeconds * 1000)
})

test('a verification that Twilio has closed has expired, and one that it has locked is locked', async () => {
  const expired = newPhoneNumber()
  const { verificationId } = await sendTo(expired)
  const code = await sentCode(expired)
  await expireVerification(expired)
  await refused('verifyOtp', 'otp_expired', { body: { verificationId, code } }, withTwilio())

  const locked = await sendTo(newPhoneNumber())
  const body = { verificationId: locked.verificationId, code: checkFaults.attemptsReached }
  await refused('verifyOtp', 'otp_locked', { body }, withTwilio())
})

test('a check that Twilio could not make costs none of the five', async () => {
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await sendTo(phoneNumber)
  for (let attempt = 0; attempt < 6; attempt++) {
    const body = { verificationId, code: checkFaults.broken }
    await refused('verifyOtp', 'otp_provider_unavailable', { body }, withTwilio())
  }
  const body = { verificationId, code: await sentCode(phoneNumber) }
  expect((await call('verifyOtp', { body }, withTwilio())).status).toBe(200)
})
