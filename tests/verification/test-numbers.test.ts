import { afterAll, beforeEach, expect, test, vi } from 'vitest'
import { logged } from '../support/log-watch'
import { asDeployed, at, Clock, newAddress } from '../support/otp-caller'
import { codeFor, newPhoneNumber } from '../support/users'
import { verifyRequests, verifySettings } from '../support/verify'

const clock = new Clock()
const day = 86_400

beforeEach(() => clock.pass(3 * day))
afterAll(() => {
  vi.useRealTimers()
})

const code = '7391058'
const untilTomorrow = (phoneNumber: string) =>
  JSON.stringify({ [phoneNumber]: { code, expiresAt: new Date(clock.now + day * 1000).toISOString() } })

test('a test number signs in with the code from the settings, and nothing is sent', async () => {
  const phoneNumber = newPhoneNumber()
  const settings = asDeployed({ OTP_TEST_NUMBERS: untilTomorrow(phoneNumber), ...verifySettings() })
  const reviewer = at({ ip: newAddress(), country: 'US', asn: 16509 }, settings)
  const { body } = await reviewer.ask(phoneNumber)
  expect((await reviewer.give(body.verificationId, '1234567')).body.code).toBe('otp_wrong')
  const signedIn = await reviewer.give(body.verificationId, code)
  expect(signedIn.body.user.phoneNumber).toBe(phoneNumber)
  expect(await verifyRequests(phoneNumber)).toEqual([])
})

test('a reviewer can sign in from anywhere, past the breakers and the risk rule, ten times a day', async () => {
  const phoneNumber = newPhoneNumber()
  const figures = { unknown: 1, person: 1, known: 1 }
  const settings = asDeployed({
    OTP_TEST_NUMBERS: untilTomorrow(phoneNumber),
    OTP_RISK_RULES: '[{"action":"refuse"}]',
    OTP_BUDGETS: JSON.stringify({ countryPerHour: figures, servicePerHour: figures, prefixPerDay: figures }),
  })
  for (let reviews = 0; reviews < 10; reviews++) {
    const { ask, give } = at({ ip: newAddress() }, settings)
    expect((await give((await ask(phoneNumber)).body.verificationId, code)).status).toBe(200)
  }
  expect((await at({ ip: newAddress() }, settings).ask(phoneNumber)).body.code).toBe('otp_sends_exhausted')
})

test('the code of a test number cannot be guessed more often than any other', async () => {
  const phoneNumber = newPhoneNumber()
  const { ask, give } = at({ ip: newAddress() }, asDeployed({ OTP_TEST_NUMBERS: untilTomorrow(phoneNumber) }))
  const { body } = await ask(phoneNumber)
  for (let tried = 0; tried < 5; tried++)
    expect((await give(body.verificationId, '0000000')).body.code).toBe('otp_wrong')
  expect((await give(body.verificationId, code)).body.code).toBe('otp_locked')
})

test('an expired test number is a number like any other', async () => {
  const phoneNumber = newPhoneNumber()
  const { ask, give } = at({ ip: newAddress() }, asDeployed({ OTP_TEST_NUMBERS: untilTomorrow(phoneNumber) }))
  clock.pass(day - 1)
  const { body: late } = await ask(phoneNumber)
  clock.pass(2)
  expect((await give(late.verificationId, code)).body.code).toBe('otp_expired')
  clock.pass(10 * 60)
  const { body } = await ask(phoneNumber)
  expect((await give(body.verificationId, code)).body.code).toBe('otp_wrong')
  expect((await give(body.verificationId, codeFor(phoneNumber))).status).toBe(200)
})

test('any other number is not a test number, and the code from the settings is in no line of the log', async () => {
  const phoneNumber = newPhoneNumber()
  const settings = asDeployed({ OTP_TEST_NUMBERS: untilTomorrow(phoneNumber) })
  const other = newPhoneNumber()
  const { body } = await at({ ip: newAddress() }, settings).ask(other)
  expect((await at({ ip: newAddress() }, settings).give(body.verificationId, code)).body.code).toBe('otp_wrong')
  expect(logged().filter((line) => line.includes(code))).toEqual([])
})
