import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { countryOf } from '../../src/core/phone'
import { readConfig } from '../../src/settings/config'
import { assessRisk, defaultHostingAsns, defaultRiskRules, type RiskSignals } from '../../src/settings/risk-rules'
import { logged } from '../support/log-watch'
import { asDeployed, at, newAddress } from '../support/otp-caller'
import { newToken, turnstileSettings } from '../support/turnstile'

/** Someone at home: no row of the table matches. */
const atHome: RiskSignals = {
  numberCountry: 'PT',
  addressCountry: 'PT',
  asn: 64496,
  isPrefixProven: true,
  prefixSends: 0,
  prefixApproved: 0,
  countryPending: 0,
}
const hosting = { asn: 24940 }
const abroad = { addressCountry: 'DE' }
const lowApproval = { prefixSends: 10, prefixApproved: 1 }
const assess = (facts: Partial<RiskSignals>) =>
  assessRisk(defaultRiskRules, { ...atHome, ...facts }, defaultHostingAsns)

describe('the risk table', () => {
  test.each([
    ['someone at home', {}, 'allow', 0],
    ['a place the edge knows nothing about', { addressCountry: null, asn: null, isPrefixProven: false }, 'allow', 0],
    ['a number of no country', { numberCountry: null }, 'refuse', 1],
    ['rented machines abroad, a block that enters no codes', { ...hosting, ...abroad, ...lowApproval }, 'refuse', 2],
    ['the same from within the country', { ...hosting, ...lowApproval }, 'challenge', 3],
    ['rented machines', hosting, 'challenge', 3],
    ['Tor', { addressCountry: 'T1' }, 'challenge', 4],
    ['another country, a block nobody has signed in from', { ...abroad, isPrefixProven: false }, 'challenge', 5],
    ['another country, a block somebody has signed in from', abroad, 'allow', 0],
    ['a new block at home', { isPrefixProven: false }, 'allow', 0],
    ['a block that enters no codes', lowApproval, 'challenge', 6],
    ['a block where one code in five is entered', { prefixSends: 10, prefixApproved: 2 }, 'allow', 0],
    ['a block with few codes', { prefixSends: 9, prefixApproved: 0 }, 'allow', 0],
    ['a burst in the country, a new block', { countryPending: 50, isPrefixProven: false }, 'challenge', 7],
    ['a burst in the country, a known block', { countryPending: 50 }, 'allow', 0],
    ['less than a burst', { countryPending: 49, isPrefixProven: false }, 'allow', 0],
  ] as const)('decides correctly about %s, by the right row', (_, facts, action, row) => {
    expect(assess(facts)).toEqual({ action, row })
  })

  test('is read from the top, and what matches no row is allowed', () => {
    const facts = { ...atHome, ...hosting }
    expect(assessRisk([{ hosting: true, action: 'allow' }, ...defaultRiskRules], facts, [24940]).action).toBe('allow')
    expect(assessRisk([], { ...facts, numberCountry: null }, [24940]).action).toBe('allow')
    expect(assessRisk([{ action: 'refuse' }], atHome, []).action).toBe('refuse')
    expect(assessRisk([{ abroad: false, action: 'refuse' }], { ...atHome, addressCountry: null }, []).action).toBe(
      'allow',
    )
  })
})

describe('the country of a number', () => {
  test.each([
    ['+351912345678', 'PT', '+351'],
    ['+12025550123', 'US', '+1'],
    ['+14165550123', 'CA', '+1'],
    ['+447700900123', 'GB', '+44'],
    ['+77012345678', 'KZ', '+7'],
    ['+882161234567', null, '+882'],
    ['+881612345678', null, '+881'],
  ])('%s is %s', (phoneNumber, country, callingCode) => {
    expect(countryOf(phoneNumber)).toEqual({ country, callingCode })
  })
})

describe('the risk rule in force', () => {
  let line = 0
  const number = () => `+3519377${String(++line).padStart(2, '0')}345`
  const codeOf = async (place: Parameters<typeof at>[0], settings: Record<string, unknown>, more?: object) => {
    const { status, body } = await at({ ip: newAddress(), ...place }, asDeployed(settings)).ask(number(), more)
    return status === 200 ? 'sent' : body.code
  }

  test('refuses, and tells only the log why', async () => {
    const { body } = await at({ ip: newAddress() }, asDeployed()).ask('+882161234567')
    expect(body).toMatchObject({ code: 'phone_number_refused', detail: 'No code can be sent to this phone number.' })
    const refusal = { level: 'warn', event: 'otp_refused', reason: 'risk', row: 1, country: '+882' }
    expect(logged().map((one) => (one.startsWith('{') ? JSON.parse(one) : one))).toContainEqual(refusal)
  })

  test('asks for a Turnstile token where one can be given, and lets through where it cannot and no breaker is near', async () => {
    expect(await codeOf({ asn: 24940 }, turnstileSettings())).toBe('turnstile_required')
    expect(await codeOf({ asn: 24940 }, turnstileSettings(), { turnstileToken: newToken() })).toBe('sent')
    expect(await codeOf({ asn: 24940 }, {})).toBe('sent')
  })

  test('refuses, where no Turnstile token can be given, what it suspects once half of a breaker is used', async () => {
    const settings = asDeployed({
      OTP_BUDGETS: JSON.stringify({ countryPerHour: { unknown: 7, person: 7, known: 7 } }),
    })
    const numbers = Array.from({ length: 12 }, (_, n) => `+3468${String(n).padStart(2, '0')}12345`)
    const ask = (place: Parameters<typeof at>[0]) =>
      at({ ip: newAddress(), country: 'ES', ...place }, settings).ask(numbers.pop() ?? '')
    const statuses = async (count: number, place: Parameters<typeof at>[0]) => {
      const found: number[] = []
      while (found.length < count) found.push((await ask(place)).status)
      return found
    }
    expect(await statuses(5, { asn: 24940 })).toEqual([200, 200, 200, 200, 429])
    const { headers, body } = await ask({ asn: 24940 })
    expect(body.code).toBe('otp_sends_exhausted')
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(3_500)
    expect(logged().some((one) => one.includes('"otp_refused"') && one.includes('"reason":"challenge"'))).toBe(true)
    expect(await statuses(4, {})).toEqual([200, 200, 200, 429])
  })

  test('knows where the address is', async () => {
    expect(await codeOf({ country: 'DE' }, turnstileSettings())).toBe('turnstile_required')
    expect(await codeOf({ country: 'PT' }, turnstileSettings())).toBe('sent')
  })

  test('is the operator’s table where there is one', async () => {
    const settings = {
      OTP_RISK_RULES: JSON.stringify([{ hosting: true, action: 'refuse' }]),
      OTP_HOSTING_ASNS: '[64511]',
    }
    expect(await codeOf({ asn: 64511 }, settings)).toBe('phone_number_refused')
    expect(await codeOf({ asn: 24940 }, settings)).toBe('sent')
  })

  test.each([
    [{ OTP_COUNTRIES_DENIED: 'ES, PT' }, 'phone_number_refused'],
    [{ OTP_COUNTRIES_DENIED: 'ES' }, 'sent'],
    [{ OTP_COUNTRIES_ALLOWED: 'PT,BR' }, 'sent'],
    [{ OTP_COUNTRIES_ALLOWED: 'BR' }, 'phone_number_refused'],
    [{ OTP_COUNTRIES_ALLOWED: 'PT', OTP_COUNTRIES_DENIED: 'PT' }, 'phone_number_refused'],
  ])('allows the countries that the operator serves: with %o a Portuguese number is %s', async (settings, code) => {
    expect(await codeOf({}, settings)).toBe(code)
  })

  test.each([
    [{ OTP_RISK_RULES: '[{"hosting":true}]' }, 'OTP_RISK_RULES.0.action'],
    [{ OTP_RISK_RULES: '[{"hostig":true,"action":"refuse"}]' }, 'OTP_RISK_RULES.0'],
    [{ OTP_RISK_RULES: '{' }, 'OTP_RISK_RULES (no JSON)'],
    [{ OTP_BUDGETS: '{"numberPerDay":{"unknown":1}}' }, 'OTP_BUDGETS.numberPerDay.person'],
    [
      { OTP_BUDGETS: '{"numberPerDay":{"unknown":6,"person":5,"known":null}}' },
      'OTP_BUDGETS.numberPerDay (who is better known may not be sent fewer)',
    ],
    [
      { OTP_BUDGETS: '{"numberPerDay":{"unknown":1,"person":null,"known":9}}' },
      'OTP_BUDGETS.numberPerDay (who is better known may not be sent fewer)',
    ],
    [{ OTP_BUDGETS: '{"nothing":{"unknown":1,"person":1,"known":1}}' }, 'OTP_BUDGETS (Unrecogni'],
    [{ OTP_COUNTRIES_DENIED: 'Portugal' }, 'OTP_COUNTRIES_DENIED.0'],
    [{ OTP_CHANNELS: 'pigeon' }, 'OTP_CHANNELS.0'],
    [{ OTP_TEST_NUMBERS: '{"*":{"code":"123456","expiresAt":"2027-01-01T00:00:00Z"}}' }, 'OTP_TEST_NUMBERS.*'],
    [
      { OTP_TEST_NUMBERS: '{"+15550100123":{"code":"1234","expiresAt":"2027-01-01T00:00:00Z"}}' },
      'OTP_TEST_NUMBERS.+15550100123.code',
    ],
    [{ OTP_TEST_NUMBERS: '{"+15550100123":{"code":"123456"}}' }, 'OTP_TEST_NUMBERS.+15550100123.expiresAt'],
  ])('gets one clear error line when it is wrong: %o', (settings, at) => {
    expect(() => readConfig({ ...env, ...settings })).toThrow(`Configuration: ${at}`)
  })
})
