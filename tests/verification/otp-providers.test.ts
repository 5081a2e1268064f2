import { afterEach, describe, expect, inject, test, vi } from 'vitest'
import type { Verification } from '../../schemas/authentication'
import type { Problem } from '../../schemas/problem'
import { type ProblemCode, ProblemError } from '../../src/core/errors'
import { limits } from '../../src/core/limits'
import { LocalOtp } from '../../src/services/verification/local-otp'
import { otpProvider } from '../../src/services/verification/otp-provider'
import { TwilioVerify } from '../../src/services/verification/twilio-verify'
import { readConfig } from '../../src/settings/config'
import { ok, pathOf, send } from '../support/call'
import { codeFor, newPhoneNumber, newUser } from '../support/users'
import {
  checkFaults,
  expireVerification,
  sendFaults,
  sentCode,
  verifyAccount,
  verifyRequests,
  verifySettings,
} from '../support/verify'

const shared = { ENVIRONMENT: 'development', JWT_SECRET: 'a secret for tests alone, of some length' }
const local = { ...shared, OTP_PROVIDER: 'local' }
const publicUrl = 'https://api.example.com/v1/auth/otp'

afterEach(() => {
  vi.restoreAllMocks()
})

/** The code of the problem thrown, and how long to wait. */
async function problemOf(
  promise: Promise<unknown>,
): Promise<{ code: ProblemCode; retryAfterSeconds?: number | undefined }> {
  const error: unknown = await promise.then(
    () => expect.fail('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ProblemError)) throw error
  expect(error.cause).toBeUndefined()
  expect(error.options.detail).toBeUndefined()
  const { retryAfterSeconds } = error.options
  return { code: error.code, ...(retryAfterSeconds && { retryAfterSeconds }) }
}

describe('Twilio Verify', () => {
  const provider = (settings: Record<string, string> = {}, options?: { timeoutMs: number }) => {
    const config = readConfig({ ...shared, ...verifySettings(), ...settings })
    if (config.OTP_PROVIDER !== 'twilio') throw new Error('not Twilio')
    return new TwilioVerify(config, options)
  }
  // Long enough for whatever responds, on a slow machine too.
  const hasty = () => provider({}, { timeoutMs: 1_000 })
  const wrongCode = (code: string) => String(((Number(code) - 99_999) % 900_000) + 100_000)

  async function sent(phoneNumber = newPhoneNumber()) {
    const { providerRef } = await provider().send({ phoneNumber, channel: 'sms' })
    return { phoneNumber, providerRef, code: await sentCode(phoneNumber) }
  }

  /** Everything logged while a send or check is refused. */
  function watchLog() {
    const lines: string[] = []
    for (const level of ['log', 'info', 'warn', 'error'] as const)
      vi.spyOn(console, level).mockImplementation((...parts) => void lines.push(parts.map(String).join(' ')))
    return lines
  }

  test('serves any host when the settings name it', () => {
    expect(otpProvider(readConfig({ ...shared, ...verifySettings() }), publicUrl)).toBeInstanceOf(TwilioVerify)
  })

  test('is asked to send as it documents: number, channel and language in a form, with the account’s credentials', async () => {
    const phoneNumber = newPhoneNumber()
    await provider().send({ phoneNumber, channel: 'whatsapp', locale: 'pt-BR' })
    expect(await verifyRequests(phoneNumber)).toEqual([
      {
        method: 'POST',
        path: `/v2/Services/${verifyAccount.serviceSid}/Verifications`,
        contentType: expect.stringMatching(/^application\/x-www-form-urlencoded(;|$)/),
        authorization: `Basic ${btoa(`${verifyAccount.accountSid}:${verifyAccount.authToken}`)}`,
        form: { To: phoneNumber, Channel: 'whatsapp', Locale: 'pt-BR' },
      },
    ])
  })

  test('is asked to check by the SID of its verification', async () => {
    const { phoneNumber, providerRef, code } = await sent()
    expect(await provider().check({ providerRef, code })).toBe('approved')
    const [, check] = await verifyRequests(phoneNumber)
    expect(check).toMatchObject({
      method: 'POST',
      path: `/v2/Services/${verifyAccount.serviceSid}/VerificationCheck`,
      form: { VerificationSid: providerRef, Code: code },
    })
    expect(providerRef).toMatch(/^VE[0-9a-f]{32}$/)
  })

  test('is reached the same way through a base URL with a trailing slash', async () => {
    const phoneNumber = newPhoneNumber()
    await provider({ TWILIO_BASE_URL: `${inject('verifyUrl')}/` }).send({ phoneNumber, channel: 'sms' })
    expect(await verifyRequests(phoneNumber)).toHaveLength(1)
  })

  test('sends in the number’s own language when it has no text in the requested one', async () => {
    const phoneNumber = newPhoneNumber()
    await provider().send({ phoneNumber, channel: 'sms', locale: 'tlh' })
    const forms = (await verifyRequests(phoneNumber)).map(({ form }) => form)
    expect(forms).toEqual([
      { To: phoneNumber, Channel: 'sms', Locale: 'tlh' },
      { To: phoneNumber, Channel: 'sms' },
    ])
  })

  test('rejects a wrong code and approves the right one after it', async () => {
    const { providerRef, code } = await sent()
    expect(await provider().check({ providerRef, code: wrongCode(code) })).toBe('wrong')
    expect(await provider().check({ providerRef, code })).toBe('approved')
  })

  test('rejects a malformed code as wrong', async () => {
    const { providerRef } = await sent()
    expect(await provider().check({ providerRef, code: '123' })).toBe('wrong')
  })

  test('resends the same code of the same verification while it is open', async () => {
    const first = await sent()
    expect(await sent(first.phoneNumber)).toEqual(first)
  })

  test('reports a verification as closed once it is approved', async () => {
    const { providerRef, code } = await sent()
    await provider().check({ providerRef, code })
    expect(await provider().check({ providerRef, code })).toBe('closed')
  })

  test('reports a verification as closed once it has expired', async () => {
    const { phoneNumber, providerRef, code } = await sent()
    await expireVerification(phoneNumber)
    expect(await provider().check({ providerRef, code })).toBe('closed')
  })

  test('distinguishes too many attempts from an end of another kind', async () => {
    const { providerRef } = await sent()
    expect(await provider().check({ providerRef, code: checkFaults.attemptsReached })).toBe('locked')
    expect(await provider().check({ providerRef, code: checkFaults.canceled })).toBe('closed')
  })

  test('locks a verification after five wrong codes, even for the right one and for another send', async () => {
    const { phoneNumber, providerRef, code } = await sent()
    for (let attempt = 0; attempt < 5; attempt++)
      expect(await provider().check({ providerRef, code: wrongCode(code) })).toBe('wrong')
    expect(await provider().check({ providerRef, code })).toBe('locked')
    expect(await problemOf(provider().send({ phoneNumber, channel: 'sms' }))).toEqual({
      code: 'otp_sends_exhausted',
      retryAfterSeconds: limits.otpLifetimeSeconds,
    })
  })

  test('sends five times and then says when to retry', async () => {
    const phoneNumber = newPhoneNumber()
    for (let attempt = 0; attempt < 5; attempt++) await provider().send({ phoneNumber, channel: 'sms' })
    expect(await problemOf(provider().send({ phoneNumber, channel: 'sms' }))).toEqual({
      code: 'otp_sends_exhausted',
      retryAfterSeconds: limits.otpLifetimeSeconds,
    })
  })

  test.each([
    ['pt-PT', ['pt-PT', 'pt', undefined]],
    ['es-419', ['es-419', 'es', undefined]],
    ['de-AT', ['de-AT', 'de']],
    ['de_CH', ['de-CH', 'de']],
    ['zh-Hant-HK', ['zh-HK', 'zh', undefined]],
    ['en-US-u-ca-gregory', ['en-US', 'en']],
    ['pt-br', ['pt-BR']],
    ['x-whatever', [undefined]],
    ['no language', [undefined]],
    ['', [undefined]],
  ])('sends in the language closest to %s that it has a text in', async (locale, asked) => {
    const phoneNumber = newPhoneNumber()
    await provider().send({ phoneNumber, channel: 'sms', locale })
    expect((await verifyRequests(phoneNumber)).map(({ form }) => form['Locale'])).toEqual(asked)
  })

  test.each(['invalid', 'nobodys'] as const)('rejects what is not a phone number (%s)', async (fault) => {
    const lines = watchLog()
    expect(await problemOf(provider().send({ phoneNumber: sendFaults[fault], channel: 'sms' }))).toEqual({
      code: 'phone_number_invalid',
    })
    expect(lines).toEqual([])
  })

  test.each([
    ['trial', 403, 21608],
    ['landline', 403, 60205],
    ['vetting', 400, 60220],
    ['channelOff', 400, 60223],
    ['embargo', 403, 60238],
    ['fraudGuard', 403, 60410],
    ['geoPermissions', 403, 60605],
    ['unlisted', 400, 60999],
    ['page', 403, undefined],
  ] as const)(
    'refuses a number it may not send to (%s) and logs why in numbers',
    async (fault, status, providerCode) => {
      const lines = watchLog()
      expect(await problemOf(provider().send({ phoneNumber: sendFaults[fault], channel: 'sms' }))).toEqual({
        code: 'phone_number_refused',
      })
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        { level: 'warn', event: 'otp_send_refused', status, ...(providerCode && { providerCode }) },
      ])
    },
  )

  test('asks for a retry later when it is already sending to the number', async () => {
    expect(await problemOf(provider().send({ phoneNumber: sendFaults.concurrent, channel: 'sms' }))).toEqual({
      code: 'resend_too_soon',
      retryAfterSeconds: limits.otpCooldownSeconds[0],
    })
  })

  test.each([
    ['is overloaded', 'tooManyRequests', { status: 429, providerCode: 20429 }],
    ['fails', 'broken', { status: 500, providerCode: 20500 }],
    ['does not respond in time', 'silent', { error: 'TimeoutError' }],
    ['does not finish its response in time', 'stalled', { status: 201, error: 'TimeoutError' }],
    ['does not return JSON', 'garbled', { status: 502, error: 'SyntaxError' }],
    ['redirects the request', 'redirected', { status: 307, error: 'SyntaxError' }],
  ] as const)('is unavailable when it %s, and the log says why without its text', async (_, fault, reason) => {
    const { providerRef } = await sent()
    const lines = watchLog()
    const logged = { level: 'error', event: 'otp_provider_unavailable', ...reason }

    expect(await problemOf(hasty().send({ phoneNumber: sendFaults[fault], channel: 'sms' }))).toEqual({
      code: 'otp_provider_unavailable',
    })
    expect(await problemOf(hasty().check({ providerRef, code: checkFaults[fault] }))).toEqual({
      code: 'otp_provider_unavailable',
    })
    expect(lines.map((line) => JSON.parse(line))).toEqual([logged, logged])
  })

  test('rejects a code that it refuses for a reason in no list', async () => {
    const { providerRef, code } = await sent()
    expect(await provider().check({ providerRef, code: checkFaults.unlisted })).toBe('wrong')
    expect(await provider().check({ providerRef, code })).toBe('approved')
  })

  test('is unavailable when its account is suspended, which is no fault of a number or a code', async () => {
    const { providerRef } = await sent()
    const lines = watchLog()
    const unavailable = { code: 'otp_provider_unavailable' }
    expect(await problemOf(provider().send({ phoneNumber: sendFaults.suspended, channel: 'sms' }))).toEqual(unavailable)
    expect(await problemOf(provider().check({ providerRef, code: checkFaults.suspended }))).toEqual(unavailable)
    expect(lines).toHaveLength(2)
  })

  test('is unavailable when it cannot be reached', async () => {
    const lines = watchLog()
    const lost = provider({ TWILIO_BASE_URL: 'http://127.0.0.1:1' })
    expect(await problemOf(lost.send({ phoneNumber: newPhoneNumber(), channel: 'sms' }))).toEqual({
      code: 'otp_provider_unavailable',
    })
    expect(lines).toHaveLength(1)
  })

  test('is unavailable when it names no verification', async () => {
    const lines = watchLog()
    expect(await problemOf(provider().send({ phoneNumber: sendFaults.incomplete, channel: 'sms' }))).toEqual({
      code: 'otp_provider_unavailable',
    })
    expect(lines).toHaveLength(1)
  })

  test('cannot redirect the number and the credentials elsewhere', async () => {
    await problemOf(provider().send({ phoneNumber: sendFaults.redirected, channel: 'sms' }))
    const paths = (await verifyRequests(sendFaults.redirected)).map(({ path }) => path)
    expect(new Set(paths)).toEqual(new Set([`/v2/Services/${verifyAccount.serviceSid}/Verifications`]))
  })

  test('is unavailable for a check with the wrong credentials', async () => {
    const { providerRef, code } = await sent()
    const stranger = provider({ TWILIO_AUTH_TOKEN: 'another token' })
    expect(await problemOf(stranger.check({ providerRef, code }))).toEqual({ code: 'otp_provider_unavailable' })
    expect(await provider().check({ providerRef, code })).toBe('approved')
  })

  test.each([
    ['credentials', { TWILIO_AUTH_TOKEN: 'another token' }, { status: 401, providerCode: 20003 }],
    ['service', { TWILIO_VERIFY_SERVICE_SID: `VA${'3'.repeat(32)}` }, { status: 404, providerCode: 20404 }],
  ])('is unavailable for a send with the wrong %s, without logging its value', async (_, settings, reason) => {
    const lines = watchLog()
    expect(await problemOf(provider(settings).send({ phoneNumber: newPhoneNumber(), channel: 'sms' }))).toEqual({
      code: 'otp_provider_unavailable',
    })
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'error', event: 'otp_provider_unavailable', ...reason },
    ])
  })
})

describe('the local provider', () => {
  const phoneNumber = '+15550100'
  const provider = (url = 'http://localhost:8787/v1/auth/otp') => otpProvider(readConfig(local), url)

  async function sent() {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    const { providerRef } = await provider().send({ phoneNumber, channel: 'sms' })
    const lines = print.mock.calls.map((parts) => parts.join(' '))
    print.mockRestore()
    return { providerRef, lines, code: lines[0]?.slice(-limits.otpCodeDigits) ?? '' }
  }

  test('prints the code on one line with the phone number', async () => {
    const { lines } = await sent()
    expect(lines).toEqual([expect.stringMatching(/^Code for \+15550100: \d{6}$/)])
  })

  test('prints another code each time and stores none', async () => {
    const all: Awaited<ReturnType<typeof sent>>[] = []
    while (all.length < 20) all.push(await sent())
    expect(new Set(all.map(({ code }) => code)).size).toBeGreaterThan(15)
    for (const { code, providerRef } of all) expect(providerRef).not.toContain(code)
  })

  test('approves the code it printed only for that number and that send', async () => {
    const { providerRef, code } = await sent()
    const { providerRef: anotherRef } = await sent()
    const given = { providerRef, phoneNumber, code }
    expect(await provider().check(given)).toBe('approved')
    expect(await provider().check({ ...given, code: code === '123456' ? '654321' : '123456' })).toBe('wrong')
    expect(await provider().check({ ...given, phoneNumber: '+15550101' })).toBe('wrong')
    expect(await provider().check({ ...given, providerRef: anotherRef })).toBe('wrong')
    const spliced = `${anotherRef.split('.')[0]}.${providerRef.split('.')[1]}`
    expect(await provider().check({ ...given, providerRef: spliced })).toBe('wrong')
    expect(await provider().check({ ...given, providerRef: '' })).toBe('wrong')
  })

  test('approves nothing under another secret', async () => {
    const { providerRef, code } = await sent()
    const config = readConfig({ ...local, JWT_SECRET: 'another secret that is long enough, too' })
    expect(await otpProvider(config, 'http://localhost').check({ providerRef, phoneNumber, code })).toBe('wrong')
  })

  test.each([
    'http://localhost:8787/',
    'http://app.localhost/',
    'http://127.0.0.1:8787/',
    'http://127.8.9.10/',
    'http://[::1]:8787/',
  ])('serves %s', (url) => {
    expect(provider(url)).toBeInstanceOf(LocalOtp)
  })

  test.each([
    publicUrl,
    'http://192.168.0.10:8787/',
    'http://127.0.0.1.example.com/',
    'http://localhost.example.com/',
    'http://notlocalhost/',
    'http://localhost@example.com/',
    'http://0.0.0.0/',
    'http://[::2]/',
    'http://10.0.2.2:8787/',
  ])('refuses %s, which is not loopback, and says why and how to allow it', (url) => {
    const print = vi.spyOn(console, 'log').mockImplementation(() => {})
    expect(() => provider(url)).toThrow(ProblemError)
    const [line] = print.mock.calls.map((parts) => parts.join(' '))
    expect(line).toContain(`OTP_LOCAL_HOSTS=${new URL(url).hostname} `)
  })

  test.each([
    ['10.0.2.2', 'http://10.0.2.2:8787/', true],
    ['192.168.0.10, 10.0.2.2', 'http://10.0.2.2:8787/', true],
    ['192.168.0.10', 'http://10.0.2.2:8787/', false],
    ['*.tunnel.example', 'https://quick-fox.tunnel.example/', true],
    ['*.tunnel.example', 'https://tunnel.example/', false],
    ['*.tunnel.example', 'https://tunnel.example.org/', false],
    ['*', 'https://anything.example/', true],
    ['', 'https://anything.example/', false],
  ])('with the hosts %j, serves %s: %s', (hosts, url, isServed) => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    const make = () => otpProvider(readConfig({ ...local, OTP_LOCAL_HOSTS: hosts }), url)
    if (isServed) expect(make()).toBeInstanceOf(LocalOtp)
    else expect(make).toThrow(ProblemError)
  })

  test('answers a request to another host with a problem that says how to allow it', async () => {
    vi.spyOn(console, 'log').mockImplementation(() => {})
    const ask = (env: object) => {
      const { url, ...request } = { url: 'http://10.0.2.2:8787/v1/auth/otp', body: { phoneNumber: newPhoneNumber() } }
      const init = {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(request.body),
      }
      return send<{ code: string; detail: string }>(new Request(url, init), { env })
    }
    const { status, body } = await ask({ ENVIRONMENT: 'development' })
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'host_not_allowed' })
    expect(body.detail).toContain('OTP_LOCAL_HOSTS=10.0.2.2')
    expect((await ask({ OTP_LOCAL_HOSTS: '10.0.2.2' })).status).toBe(200)
  })

  test.each([
    ['verifyOtp', 'POST', 'signIn'],
    ['changePhoneNumber', 'PUT', 'changePhoneNumber'],
  ] as const)('refuses %s at another host, and the code stays good', async (operationId, method, purpose) => {
    const as = await newUser()
    const phoneNumber = newPhoneNumber()
    const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber, purpose } }, { as })
    const input = { verificationId, code: codeFor(phoneNumber) }
    const request = new Request(new URL(pathOf(operationId), 'http://10.0.2.2:8787'), {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${as.accessToken}` },
      body: JSON.stringify(input),
    })
    vi.spyOn(console, 'log').mockImplementation(() => {})
    const { status, body } = await send<Problem>(request)
    expect({ status, code: body.code }).toEqual({ status: 403, code: 'host_not_allowed' })
    await ok(operationId, { body: input }, { as })
  })
})
