import { env } from 'cloudflare:workers'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import * as openCodes from '../../repositories/open-codes'
import * as verifications from '../../repositories/verifications'
import { mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import type { Answer } from '../support/call'
import { asDeployed, at, Clock, newAddress, type OtpAnswer } from '../support/otp-caller'
import { faultStorage } from '../support/storage-faults'
import { newToken, turnstileSettings } from '../support/turnstile'
import { codeFor, newPhoneNumber } from '../support/users'

const clock = new Clock()
const minute = 60
const day = 86_400

beforeEach(() => clock.pass(3 * day))
afterAll(() => {
  vi.useRealTimers()
})

const wrongCode = (phoneNumber: string) => (codeFor(phoneNumber) === '000000' ? '000001' : '000000')

const outcome = ({ status, body }: Answer<OtpAnswer>) => (status === 200 ? 'sent' : body.code)

/** A 429 says the same in its body and in its header. */
function expectRefused({ status, headers, body }: Answer<OtpAnswer>, code: string, until: number) {
  expect({ status, code: body.code, resendAt: Date.parse(body.resendAt) }).toEqual({
    status: 429,
    code,
    resendAt: until,
  })
  expect(Number(headers.get('Retry-After'))).toBe(Math.ceil((until - clock.now) / 1000))
}

/** Signs in from a place, so that its network is known for the number. */
async function known(phoneNumber: string) {
  const home = at({ ip: newAddress() })
  const { body } = await home.ask(phoneNumber)
  expect((await home.give(body.verificationId, codeFor(phoneNumber))).status).toBe(200)
  return home
}

const countSends = async () =>
  (await env.DB.prepare('SELECT count(*) AS count FROM otp_sends').first<{ count: number }>())?.count

describe('codes that are never entered', () => {
  test('are 1, 2, 5 and 10 minutes apart, and an unknown network gets five a day', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask } = at({ ip: newAddress() })
    const first = clock.now
    for (const wait of [1, 2, 5, 10]) {
      const sent = await ask(phoneNumber)
      expect(outcome(sent)).toBe('sent')
      expect(Date.parse(sent.body.resendAt)).toBe(clock.now + wait * minute * 1000)
      clock.pass(wait * minute - 1)
      expectRefused(await ask(phoneNumber), 'resend_too_soon', clock.now + 1000)
      clock.pass(1)
    }
    const last = await ask(phoneNumber)
    expect(outcome(last)).toBe('sent')
    expect(Date.parse(last.body.resendAt)).toBe(first + day * 1000)
    clock.pass(10 * minute)
    expectRefused(await ask(phoneNumber), 'otp_sends_exhausted', first + day * 1000)
    clock.until(first + day * 1000)
    expect(outcome(await ask(phoneNumber))).toBe('sent')
  })

  test('are 10 minutes apart from the fifth on, and a network that has signed in with the number gets ten a day', async () => {
    const phoneNumber = newPhoneNumber()
    const first = clock.now
    const { ask } = await known(phoneNumber)
    for (let sends = 2; sends <= 10; sends++) {
      const sent = await ask(phoneNumber)
      expect(outcome(sent), `send ${sends}`).toBe('sent')
      clock.until(Math.min(Date.parse(sent.body.resendAt), first + 20 * 3_600_000))
    }
    expectRefused(await ask(phoneNumber), 'otp_sends_exhausted', first + day * 1000)
  })

  test('leave no cooldown once a code is entered', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask } = await known(phoneNumber)
    expect(outcome(await ask(phoneNumber))).toBe('sent')
    expect(outcome(await ask(phoneNumber))).toBe('resend_too_soon')
  })

  test('do not keep the owner of the number waiting when a stranger requested them', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask } = await known(phoneNumber)
    expect(outcome(await at({ ip: newAddress() }).ask(phoneNumber))).toBe('sent')
    expect(outcome(await at({ ip: newAddress() }).ask(phoneNumber))).toBe('resend_too_soon')
    expect(outcome(await ask(phoneNumber))).toBe('sent')
  })
})

test('a refusal takes nothing from any budget, however often it is repeated', async () => {
  const phoneNumber = newPhoneNumber()
  const { ask } = at({ ip: newAddress() })
  const { body } = await ask(phoneNumber)
  const before = await countSends()
  for (let asked = 0; asked < 20; asked++)
    expectRefused(await ask(phoneNumber), 'resend_too_soon', Date.parse(body.resendAt))
  expect(await countSends()).toBe(before)
  clock.until(body.resendAt)
  expect(outcome(await ask(phoneNumber))).toBe('sent')
})

test('of concurrent requests, as many codes are sent as the budget allows', async () => {
  const ip = newAddress()
  const settings = asDeployed({
    OTP_BUDGETS: JSON.stringify({ networkPerHour: { unknown: 3, person: null, known: null } }),
  })
  const answers = await Promise.all(Array.from({ length: 12 }, () => at({ ip }, settings).ask(newPhoneNumber())))
  expect(answers.map(outcome).filter((one) => one === 'sent')).toHaveLength(3)
  expect(answers.map(outcome).filter((one) => one === 'otp_sends_exhausted')).toHaveLength(9)
})

describe('a code that is sent again', () => {
  test('is the same code, and checks already used stay used', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask, give } = at({ ip: newAddress() })
    const first = await ask(phoneNumber)
    const code = codeFor(phoneNumber)
    expect(first.body.checksLeft).toBe(5)
    for (let tried = 0; tried < 4; tried++) await give(first.body.verificationId, wrongCode(phoneNumber))
    expect((await ask(phoneNumber)).body).toMatchObject({ code: 'resend_too_soon', checksLeft: 1 })
    clock.pass(minute)
    const second = await ask(phoneNumber)
    expect(codeFor(phoneNumber)).toBe(code)
    expect(second.body).toMatchObject({ checksLeft: 1, expiresAt: first.body.expiresAt })
    expect((await give(second.body.verificationId, wrongCode(phoneNumber))).body.code).toBe('otp_wrong')
    for (const { body } of [first, second]) expect((await give(body.verificationId, code)).body.code).toBe('otp_locked')
  })

  test('is a new code once the checks are used up, and the old code no longer works', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask, give } = at({ ip: newAddress() })
    const first = await ask(phoneNumber)
    const code = codeFor(phoneNumber)
    for (let tried = 0; tried < 5; tried++) await give(first.body.verificationId, wrongCode(phoneNumber))
    expect((await ask(phoneNumber)).body.checksLeft).toBe(0)
    clock.pass(minute)
    const second = await ask(phoneNumber)
    expect(second.body.checksLeft).toBe(5)
    expect(codeFor(phoneNumber)).not.toBe(code)
    expect((await give(second.body.verificationId, code)).body.code).toBe('otp_wrong')
    expect((await give(second.body.verificationId, codeFor(phoneNumber))).status).toBe(200)
  })

  test('is a new code when the open one expires soon, and checks already used still count', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask, give } = at({ ip: newAddress() })
    const first = await ask(phoneNumber)
    const code = codeFor(phoneNumber)
    await give(first.body.verificationId, wrongCode(phoneNumber))
    clock.pass(limits.otpLifetimeSeconds - 60)
    const second = await ask(phoneNumber)
    expect(codeFor(phoneNumber)).not.toBe(code)
    expect(second.body.checksLeft).toBe(2)
    expect(Date.parse(second.body.expiresAt)).toBe(clock.now + limits.otpLifetimeSeconds * 1000)
  })

  test('proves any open verification of the number, once', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask, give } = at({ ip: newAddress() })
    const first = await ask(phoneNumber)
    clock.pass(minute)
    const second = await ask(phoneNumber)
    expect((await give(first.body.verificationId, codeFor(phoneNumber))).status).toBe(200)
    clock.pass(limits.otpConcurrentSeconds + 1)
    expect((await give(second.body.verificationId, codeFor(phoneNumber))).body.code).toBe('otp_expired')
  })
})

describe('a channel', () => {
  test('that the service does not have is rejected and never offered', async () => {
    const { ask } = at({ ip: newAddress() }, asDeployed({ OTP_CHANNELS: 'sms, call' }))
    const refused = await ask(newPhoneNumber(), { channel: 'whatsapp' })
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 422, code: 'channel_unavailable' })
    expect((await ask(newPhoneNumber())).body.channels).toEqual(['sms', 'call'])
  })

  test('that costs more closes before the others, which are listed', async () => {
    const phoneNumber = newPhoneNumber()
    const { ask } = at({ ip: newAddress() })
    const first = await ask(phoneNumber, { channel: 'call' })
    expect(first.body.channels).toEqual(['sms', 'call', 'whatsapp'])
    clock.until(first.body.resendAt)
    const second = await ask(phoneNumber, { channel: 'call' })
    expect(second.body.channels).toEqual(['sms', 'whatsapp'])
    clock.until(second.body.resendAt)
    const third = await ask(phoneNumber, { channel: 'call' })
    expect({ code: third.body.code, resendAt: Date.parse(third.body.resendAt) }).toEqual({
      code: 'otp_sends_exhausted',
      resendAt: clock.now,
    })
    expect(third.body.channels).toEqual(['sms', 'whatsapp'])
    expect(Number(third.headers.get('Retry-After'))).toBe(day - (60 + 120))
    expect(outcome(await ask(phoneNumber))).toBe('sent')
  })
})

test('guesses made just as another verification is proven get only the checks that the code has left', async () => {
  const phoneNumber = newPhoneNumber()
  const [ana, stranger] = [await known(phoneNumber), at({ ip: newAddress() })]
  const { body: theirs } = await stranger.ask(phoneNumber)
  const { body: own } = await ana.ask(phoneNumber)
  const code = codeFor(phoneNumber)
  expect((await ana.give(own.verificationId, code)).status).toBe(200)
  const guess = (n: number) =>
    stranger.give(theirs.verificationId, String((Number(code) + n) % 1_000_000).padStart(6, '0'))
  const guesses = await Promise.all(Array.from({ length: 20 }, (_, n) => guess(n + 1)))
  expect(guesses.filter(({ body }) => body.code === 'otp_locked')).toHaveLength(16)
  expect((await stranger.give(theirs.verificationId, code)).body.code).toBe('otp_locked')
})

test('a code that was just used allows five checks in all, whatever the number of verifications', async () => {
  const phoneNumber = newPhoneNumber()
  const ana = await known(phoneNumber)
  const ids: string[] = []
  for (const wait of [60, 120, 300]) {
    ids.push((await at({ ip: newAddress() }).ask(phoneNumber)).body.verificationId)
    clock.pass(wait)
  }
  const { body } = await ana.ask(phoneNumber)
  const code = codeFor(phoneNumber)
  expect((await ana.give(body.verificationId, code)).status).toBe(200)
  const guesses: string[] = []
  for (const [index, id] of ids.entries())
    for (let n = 1; n <= 5; n++) {
      const guess = String((Number(code) + index * 5 + n) % 1_000_000).padStart(6, '0')
      guesses.push((await at({ ip: newAddress() }).give(id, guess)).body.code)
    }
  expect(guesses.filter((one) => one !== 'otp_locked').length).toBeLessThan(5)
})

test('after success the same code succeeds again, and five others are checked, however many arrive at once', async () => {
  const phoneNumber = newPhoneNumber()
  const { ask, give } = at({ ip: newAddress() })
  const { body } = await ask(phoneNumber)
  const code = codeFor(phoneNumber)
  expect((await give(body.verificationId, code)).status).toBe(200)
  const wrong = wrongCode(phoneNumber)
  for (let n = 0; n < 4; n++) expect((await give(body.verificationId, wrong)).body.code).toBe('otp_used')
  expect((await give(body.verificationId, code)).status).toBe(200)
  expect((await give(body.verificationId, wrong)).body.code).toBe('otp_used')
  expect((await give(body.verificationId, code)).body.code).toBe('otp_used')

  const other = await ask(newPhoneNumber())
  const right = codeFor(other.body.phoneNumber)
  expect((await give(other.body.verificationId, right)).status).toBe(200)
  const guesses = Array.from({ length: 40 }, (_, n) => (n === 30 ? right : String(100_000 + n)))
  const answers = await Promise.all(guesses.map((guess) => give(other.body.verificationId, guess)))
  expect(answers.map((answer) => answer.body.code)).toEqual(guesses.map(() => 'otp_used'))
})

test.each([
  ['lost', 3],
  ['replyLost', 3],
] as const)('a send is made and counted once even if D1 fails just then: %s, %i times', async (fault, times) => {
  const phoneNumber = newPhoneNumber()
  const faults = faultStorage('D1 batch', fault, times)
  const sent = await at({ ip: newAddress() }).ask(phoneNumber).finally(faults.remove)
  expect({ status: sent.status, happened: faults.happened }).toEqual({ status: 200, happened: times })
  const counted = env.DB.prepare('SELECT count(*) AS count FROM otp_sends WHERE sent_at >= ?').bind(clock.now)
  expect(await counted.first('count')).toBe(1)
})

test.each([
  ['lost', 3],
  ['replyLost', 3],
] as const)('a code that was sent is opened even if D1 fails just then: %s, %i times', async (fault, times) => {
  const phoneNumber = newPhoneNumber()
  const { ask, give } = at({ ip: newAddress() })
  // The batches before it count the send and look up the open code.
  const faults = faultStorage('D1 batch', fault, times, 2)
  const sent = await ask(phoneNumber).finally(faults.remove)
  expect({ status: sent.status, happened: faults.happened }).toEqual({ status: 200, happened: times })
  const opened = await openCodes.find(env.DB, phoneNumber, clock.now)
  expect(opened).toMatchObject({ challenge: { sends: 1, checks: 0 }, contenders: [{ id: sent.body.verificationId }] })
  expect((await give(sent.body.verificationId, codeFor(phoneNumber))).status).toBe(200)
})

describe('a code that the provider has used up', () => {
  test.each([
    ['lost', 3],
    ['replyLost', 3],
  ] as const)('signs in even if D1 fails just then: %s, %i times', async (fault, times) => {
    const phoneNumber = newPhoneNumber()
    const { ask, give } = at({ ip: newAddress() })
    const { body } = await ask(phoneNumber)
    // The batch before it looks up the open code.
    const faults = faultStorage('D1 batch', fault, times, 1)
    try {
      expect((await give(body.verificationId, codeFor(phoneNumber))).status).toBe(200)
    } finally {
      faults.remove()
    }
    expect(faults.happened).toBe(times)
  })
})

test('a late code does not replace the one that was sent in the meantime', async () => {
  const phoneNumber = newPhoneNumber()
  const opened = (providerRef: string, seenRef: string | null) =>
    verifications.open(
      env.DB,
      {
        ...{ id: mintId('verification', clock.now), phoneNumber, channel: 'sms', purpose: 'signIn', userId: null },
        ...{ trust: 0, requestKey: null, providerRef, createdAt: clock.now },
        ...{ sessionId: mintId('session', clock.now), candidateUserId: mintId('user', clock.now) },
      },
      { carriedChecks: 0, seenRef },
    )
  const openRef = async () => (await openCodes.find(env.DB, phoneNumber, clock.now)).challenge?.providerRef
  await opened('first', null)
  await opened('second', 'first')
  await opened('first', 'first')
  expect(await openRef()).toBe('second')
  await opened('third', 'second')
  expect(await openRef()).toBe('third')
  clock.pass(10 * minute)
  await opened('fourth', null)
  expect(await openRef()).toBe('fourth')
})

describe('a request repeated because its reply was lost', () => {
  const idOf = ({ status, body }: Answer<OtpAnswer>) => (status === 200 ? body.verificationId : body.code)

  test('returns the same verification wherever it comes from, and sends nothing', async () => {
    const phoneNumber = newPhoneNumber()
    const clientRequestId = crypto.randomUUID()
    const first = await at({ ip: newAddress() }).ask(phoneNumber, { clientRequestId })
    const [code, sends] = [codeFor(phoneNumber), await countSends()]
    clock.pass(20)
    const { ask, give } = at({ ip: newAddress() })
    expect((await ask(phoneNumber, { clientRequestId: clientRequestId.toUpperCase() })).body).toEqual(first.body)
    await give(first.body.verificationId, wrongCode(phoneNumber))
    expect((await ask(phoneNumber, { clientRequestId })).body).toEqual({ ...first.body, checksLeft: 4 })
    expect(await countSends()).toBe(sends)
    expect(codeFor(phoneNumber)).toBe(code)
    expect((await give(first.body.verificationId, code)).status).toBe(200)
  })

  test('at the same moment counts as one', async () => {
    const phoneNumber = newPhoneNumber()
    const clientRequestId = crypto.randomUUID()
    const places = Array.from({ length: 8 }, () => at({ ip: newAddress() }))
    const answers = await Promise.all(places.map(({ ask }) => ask(phoneNumber, { clientRequestId })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(new Set(answers.map(idOf)).size).toBe(1)
    const sent = env.DB.prepare('SELECT count(*) AS count FROM otp_sends WHERE sent_at >= ?').bind(clock.now)
    expect(await sent.first('count')).toBe(1)
  })

  test('is a new one with another id, for another number, or once its code was entered or has expired', async () => {
    const [phoneNumber, other] = [newPhoneNumber(), newPhoneNumber()]
    const clientRequestId = crypto.randomUUID()
    const { ask, give } = at({ ip: newAddress() })
    const first = await ask(phoneNumber, { clientRequestId })
    expect(idOf(await ask(phoneNumber, { clientRequestId: crypto.randomUUID() }))).toBe('resend_too_soon')
    expect(idOf(await ask(phoneNumber))).toBe('resend_too_soon')
    const elsewhere = await ask(other, { clientRequestId })
    expect(idOf(elsewhere)).not.toBe(idOf(first))
    expect(codeFor(other)).toMatch(/^\d{6}$/)
    await give(elsewhere.body.verificationId, codeFor(other))
    expect(idOf(await ask(other, { clientRequestId }))).not.toBe(idOf(elsewhere))
    clock.pass(10 * minute)
    const late = await ask(phoneNumber, { clientRequestId })
    expect(late.status).toBe(200)
    expect(idOf(late)).not.toBe(idOf(first))
  })

  test('needs no second Turnstile token', async () => {
    const phoneNumber = newPhoneNumber()
    const settings = asDeployed({ ...turnstileSettings(), OTP_RISK_RULES: '[{"action":"challenge"}]' })
    const { ask } = at({ ip: newAddress() }, settings)
    const request = { clientRequestId: crypto.randomUUID(), turnstileToken: newToken() }
    const first = await ask(phoneNumber, request)
    expect(first.status).toBe(200)
    expect((await ask(phoneNumber, request)).body).toEqual(first.body)
  })
})
