import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { clientNetworks } from '../../src/core/client-network'
import { isBreaker, sendBudgets } from '../../src/settings/send-budgets'
import type { Answer } from '../support/call'
import { logged } from '../support/log-watch'
import { asDeployed, at, Clock, newAddress, type OtpAnswer } from '../support/otp-caller'
import { newToken, turnstileRequests, turnstileSettings, turnstileTokens } from '../support/turnstile'
import { codeFor } from '../support/users'

const clock = new Clock()
const hour = 3_600
const day = 24 * hour

beforeEach(() => clock.pass(3 * day))
afterAll(() => {
  vi.useRealTimers()
})

const { prefixPerDay, networkPerHour, networkPerDay, countryPerHour, servicePerHour } = sendBudgets({})
const most = (max: number | null) => max ?? Number.POSITIVE_INFINITY
const outcome = ({ status, body }: Answer<OtpAnswer>) => (status === 200 ? 'sent' : body.code)

/** The budgets only, without the risk rule. */
const withTurnstile = () => asDeployed({ ...turnstileSettings(), OTP_RISK_RULES: '[]' })

let block = 0

/** A Portuguese number in a block of ten thousand of its own. */
function portuguese(): string {
  block++
  return `+3519${String(block).padStart(4, '0')}1234`
}

/** The same for another country: Germany, France, Spain, Italy or Britain. */
const abroad = (country: number) => {
  block++
  const subscriber = String(block).padStart(4, '0')
  return [
    `+49151${subscriber}4567`,
    `+3361${subscriber}567`,
    `+346${subscriber}4567`,
    `+3932${subscriber}4567`,
    `+4477${subscriber}4567`,
  ][country % 5]
}

async function askAll(phoneNumbers: (string | undefined)[], ask: (phoneNumber: string) => Promise<Answer<OtpAnswer>>) {
  const outcomes: string[] = []
  for (const phoneNumber of phoneNumbers) outcomes.push(outcome(await ask(phoneNumber ?? '')))
  return outcomes
}

/** Whether codes that were entered count as well. */
const budgetCountsAll = (name: string) => name === 'prefixPerDay'

const many = <T>(length: number, make: (n: number) => T) => Array.from({ length }, (_, n) => make(n))
const sent = (count: number) => many(count, () => 'sent')
const elsewhere = (settings?: Partial<Env>) => (phoneNumber: string) =>
  at({ ip: newAddress() }, settings).ask(phoneNumber)

describe('a network', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7', '203.0.113.7', '203.0.113.0/24'],
    ['2001:db8:1:2345:3:4:5:6', '2001:db8:1:2345::/64', '2001:db8:1:2300::/56', '2001:db8:1::/48'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64', '2001:db8:1::/56', '2001:db8:1::/48'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64', '2001:db8:1::/56', '2001:db8:1::/48'],
    ['::ffff:203.0.113.7', '203.0.113.7', '203.0.113.7', '203.0.113.0/24'],
    ['::1', '::/64', '::/56', '::/48'],
    ['nonsense', 'unknown', 'unknown', 'unknown'],
    [undefined, 'unknown', 'unknown', 'unknown'],
  ])('of the address %s is %s', (ip, network, site, block) => {
    expect(clientNetworks(ip)).toEqual({ network, site, block })
  })

  test('is sent ten codes an hour that are never entered, whatever the numbers', async () => {
    const ip = newAddress()
    const max = most(networkPerHour.max.unknown)
    const first = clock.now
    expect(await askAll(many(max, portuguese), at({ ip }).ask)).toEqual(sent(max))
    const refused = await at({ ip }).ask(portuguese())
    expect(refused.body).toMatchObject({
      code: 'otp_sends_exhausted',
      resendAt: new Date(first + hour * 1000).toISOString(),
    })
    expect(outcome(await at({ ip: newAddress() }).ask(portuguese()))).toBe('sent')
    clock.until(first + hour * 1000)
    expect(outcome(await at({ ip }).ask(portuguese()))).toBe('sent')
  })

  test('stays the same for another address of its /64', async () => {
    const max = most(networkPerHour.max.unknown)
    const addresses = many(max, (n) => `2001:db8:77:1:${n.toString(16)}::${n}`)
    for (const ip of addresses) expect(outcome(await at({ ip }).ask(portuguese()))).toBe('sent')
    expect(outcome(await at({ ip: '2001:db8:77:1:ffff::1' }).ask(portuguese()))).toBe('otp_sends_exhausted')
    expect(outcome(await at({ ip: '2001:db8:77:2::1' }).ask(portuguese()))).toBe('sent')
  })

  test('of many people who enter their codes is sent as many as they ask for', async () => {
    const ip = newAddress()
    for (let signedIn = 0; signedIn < most(networkPerHour.max.unknown) + 5; signedIn++) {
      const phoneNumber = portuguese()
      const { body } = await at({ ip }).ask(phoneNumber)
      expect((await at({ ip }).give(body.verificationId, codeFor(phoneNumber))).status).toBe(200)
    }
  })

  test('is sent thirty codes a day', async () => {
    const ip = newAddress()
    const outcomes: string[] = []
    while (outcomes.length <= most(networkPerDay.max.unknown)) {
      outcomes.push(...(await askAll(many(10, portuguese), at({ ip }).ask)))
      clock.pass(hour)
    }
    expect(outcomes.filter((one) => one === 'sent')).toHaveLength(most(networkPerDay.max.unknown))
  })
})

test.each(['prefixPerDay', 'networkPerHour', 'networkPerDay', 'countryPerHour', 'servicePerDay'])(
  'someone who has signed in with many numbers of their own does not get unlimited codes: %s',
  async (name) => {
    const settings = asDeployed({
      OTP_BUDGETS: JSON.stringify({ [name]: { unknown: 4, person: 4, known: 5 } }),
      OTP_RISK_RULES: '[]',
    })
    block++
    const numbers = many(4, (n) => `+3519${String(block).padStart(4, '0')}300${n}`)
    const { ask, give } = at({ ip: newAddress() }, settings)
    for (const phoneNumber of numbers) {
      const { body } = await ask(phoneNumber)
      expect((await give(body.verificationId, codeFor(phoneNumber))).status).toBe(200)
    }
    const outcomes: string[] = []
    for (const phoneNumber of [...numbers, ...numbers]) {
      outcomes.push(outcome(await ask(phoneNumber)))
      if (outcomes.length === numbers.length) clock.pass(120)
    }
    const given = budgetCountsAll(name) ? numbers.length : 0
    expect(outcomes.filter((one) => one === 'sent')).toHaveLength(5 - given)
    expect(outcomes.at(-1)).toBe('otp_sends_exhausted')
  },
)

test('numbers that differ only in the last four digits share thirty codes a day, entered or not', async () => {
  const max = most(prefixPerDay.max.unknown)
  const numbers = many(max + 1, (n) => `+351969123${String(n).padStart(3, '0')}`)
  expect(await askAll(numbers, elsewhere())).toEqual([...sent(max), 'otp_sends_exhausted'])
  expect(outcome(await elsewhere()('+351969130001'))).toBe('sent')
  const { body } = await elsewhere()(numbers.at(-1) ?? '')
  expect(Date.parse(body.resendAt)).toBe(clock.now + day * 1000)
})

describe('one network that asks from ever new addresses', () => {
  const figures = sendBudgets({})
  const other = () => elsewhere()(portuguese())

  /** Asks from a new network each time, and for a new number, as long as anything is sent; returns how much was. */
  async function attack(nextAddress: (n: number) => string, settings?: Partial<Env>) {
    const outcomes: string[] = []
    for (
      let n = 0;
      outcomes.length < most(countryPerHour.max.unknown) && outcomes.at(-1) !== 'otp_sends_exhausted';
      n++
    )
      outcomes.push(outcome(await at({ ip: nextAddress(n) }, settings).ask(portuguese())))
    return outcomes.filter((one) => one === 'sent').length
  }

  test('of an IPv6 /48 with many /64 leaves sign-in to everybody else of the country', async () => {
    const spent = await attack((n) => `2001:db8:a:${(n * 256 + 1).toString(16)}::1`)
    expect(outcome(await other())).toBe('sent')
    expect(spent).toBe(figures.blockPerHour.max.unknown)
    expect(outcome(await at({ ip: '2001:db8:b:1::1' }).ask(portuguese()))).toBe('sent')
  })

  test('of an IPv6 /56 leaves the rest of its /48 some', async () => {
    expect(await attack((n) => `2001:db8:c:${n.toString(16)}::1`)).toBe(figures.sitePerHour.max.unknown)
    expect(outcome(await at({ ip: '2001:db8:c:100::1' }).ask(portuguese()))).toBe('sent')
  })

  test('of an IPv4 /24 leaves sign-in to everybody else of the country', async () => {
    expect(await attack((n) => `192.0.2.${n}`)).toBe(figures.blockPerHour.max.unknown)
    expect(outcome(await at({ ip: '192.0.3.1' }).ask(portuguese()))).toBe('sent')
    expect(outcome(await other())).toBe('sent')
  })

  test('gets no more in a day than the figures say', async () => {
    let spent = 0
    for (let hours = 0; hours < 5; hours++) {
      spent += await attack((n) => `2001:db8:d:${(n * 256 + hours).toString(16)}::1`)
      clock.pass(hour)
    }
    expect(spent).toBe(figures.blockPerDay.max.unknown)
    expect(outcome(await other())).toBe('sent')
  })

  test('is sent less than trips a breaker, however well it is known', () => {
    const breakers = Object.values(figures).filter(isBreaker)
    for (const { scope, windowSeconds, max } of Object.values(figures).filter((one) => one.counts === 'unapproved'))
      if (scope === 'network' || scope === 'site' || scope === 'block')
        for (const breaker of breakers.filter((one) => one.windowSeconds === windowSeconds))
          expect(most(max.known), `${scope} of ${breaker.scope}`).toBeLessThan(most(breaker.max.unknown))
  })
})

describe('the breaker of a country', () => {
  const max = most(countryPerHour.max.unknown)
  const withoutRules = asDeployed({ OTP_RISK_RULES: '[]' })
  const trip = async (settings?: Partial<Env>) =>
    expect(await askAll(many(max, portuguese), elsewhere(settings))).toEqual(sent(max))
  const breakerLines = (event: string) =>
    logged()
      .map((line) => (line.startsWith('{') ? JSON.parse(line) : {}))
      .filter((line) => line.event === event && line.breaker === 'countryPerHour PT')

  test('asks for a Turnstile token, says so in the log once and recovers on its own', async () => {
    const settings = withTurnstile()
    const before = [breakerLines('otp_breaker_tripped').length, breakerLines('otp_breaker_recovered').length]
    const first = clock.now
    await trip(settings)
    for (let asked = 0; asked < 3; asked++)
      expect(outcome(await elsewhere(settings)(portuguese()))).toBe('turnstile_required')
    expect(outcome(await elsewhere(settings)(abroad(0) ?? ''))).toBe('sent')
    const phoneNumber = portuguese()
    const { body } = await at({ ip: newAddress() }, settings).ask(phoneNumber, { turnstileToken: newToken() })
    expect((await at({ ip: newAddress() }, settings).give(body.verificationId, codeFor(phoneNumber))).status).toBe(200)
    expect(breakerLines('otp_breaker_tripped')).toHaveLength((before[0] ?? 0) + 1)
    clock.until(first + hour * 1000)
    expect(outcome(await elsewhere(settings)(portuguese()))).toBe('sent')
    expect(outcome(await elsewhere(settings)(portuguese()))).toBe('sent')
    expect(breakerLines('otp_breaker_recovered')).toHaveLength((before[1] ?? 0) + 1)
  })

  test('recovers as soon as the codes are entered', async () => {
    const asked = await Promise.all(
      many(max, async () => {
        const phoneNumber = portuguese()
        const { body } = await elsewhere(withoutRules)(phoneNumber)
        return { ...body, phoneNumber }
      }),
    )
    expect(outcome(await elsewhere(withoutRules)(portuguese()))).toBe('otp_sends_exhausted')
    for (const { verificationId, phoneNumber } of asked.slice(0, 2))
      await at({ ip: newAddress() }).give(verificationId, codeFor(phoneNumber))
    expect(await askAll(many(3, portuguese), elsewhere(withoutRules))).toEqual(['sent', 'sent', 'otp_sends_exhausted'])
  })

  test('does not affect someone who has signed in from the same network', async () => {
    const [phoneNumber, home] = [portuguese(), at({ ip: newAddress() })]
    const { body } = await home.ask(phoneNumber)
    await home.give(body.verificationId, codeFor(phoneNumber))
    await trip(withoutRules)
    expect(outcome(await elsewhere(withoutRules)(phoneNumber))).toBe('otp_sends_exhausted')
    expect(outcome(await home.ask(phoneNumber))).toBe('sent')
  })
})

test('the breaker of the service asks for a Turnstile token, whatever the country of the number', async () => {
  const max = most(servicePerHour.max.unknown)
  const settings = withTurnstile()
  expect(await askAll(many(max, abroad), elsewhere(settings))).toEqual(sent(max))
  expect(outcome(await elsewhere(settings)(portuguese()))).toBe('turnstile_required')
})

describe('a Turnstile token', () => {
  const networkSettings = () =>
    asDeployed({
      ...turnstileSettings(),
      OTP_BUDGETS: JSON.stringify({ networkPerHour: { unknown: 1, person: 2, known: null } }),
    })

  /** A place that is asked for a Turnstile token. */
  async function suspect() {
    const ip = newAddress()
    const place = at({ ip }, networkSettings())
    expect(outcome(await place.ask(portuguese()))).toBe('sent')
    expect(outcome(await place.ask(portuguese()))).toBe('turnstile_required')
    return { ip, ...place }
  }

  test('of a person allows a code to be sent, is checked with the address and works once', async () => {
    const { ip, ask } = await suspect()
    const turnstileToken = newToken()
    expect(outcome(await ask(portuguese(), { turnstileToken }))).toBe('sent')
    expect(await turnstileRequests(turnstileToken)).toEqual([
      { secret: turnstileSettings().TURNSTILE_SECRET, response: turnstileToken, remoteip: ip },
    ])
    const again = await (await suspect()).ask(portuguese(), { turnstileToken })
    expect({ status: again.status, code: again.body.code }).toEqual({ status: 422, code: 'turnstile_failed' })
  })

  test('opens the larger budget, not every budget, and is not spent where it does not help', async () => {
    const { ask } = await suspect()
    expect(outcome(await ask(portuguese(), { turnstileToken: newToken() }))).toBe('sent')
    const turnstileToken = newToken()
    const refused = await ask(portuguese(), { turnstileToken })
    expect(outcome(refused)).toBe('otp_sends_exhausted')
    expect(await turnstileRequests(turnstileToken)).toEqual([])
    expect(outcome(await ask(portuguese()))).toBe('otp_sends_exhausted')
  })

  test('is not spent during the cooldown', async () => {
    const [phoneNumber, turnstileToken] = [portuguese(), newToken()]
    const { ask } = at({ ip: newAddress() }, withTurnstile())
    await ask(phoneNumber)
    await ask(phoneNumber, { turnstileToken: newToken() })
    expect(outcome(await ask(phoneNumber, { turnstileToken }))).toBe('resend_too_soon')
    expect(await turnstileRequests(turnstileToken)).toEqual([])
  })

  test.each([
    ['that nobody issued', 'somebody’s', 422, 'turnstile_failed'],
    ['of a widget on another host', newToken('other-page.'), 422, 'turnstile_failed'],
    ['of a widget on a parent of the host', newToken('parent-page.'), 422, 'turnstile_failed'],
    ['of a widget for another action', newToken('other-action.'), 422, 'turnstile_failed'],
    ['of a widget without an action', newToken('no-action.'), 422, 'turnstile_failed'],
    ['that cannot be checked', turnstileTokens.broken, 503, 'service_unavailable'],
    ['whose check does not return JSON', turnstileTokens.garbled, 503, 'service_unavailable'],
    ['whose check is redirected', turnstileTokens.redirected, 503, 'service_unavailable'],
  ])('%s proves nothing', async (_, turnstileToken, status, code) => {
    const { ask } = await suspect()
    const { status: given, body } = await ask(portuguese(), { turnstileToken })
    expect({ status: given, code: body.code }).toEqual({ status, code })
  })

  test('of another page is reported in the log, by its host and action', async () => {
    const { ask } = await suspect()
    await ask(portuguese(), { turnstileToken: newToken('other-page.') })
    const lines = logged().map((line) => (line.startsWith('{') ? JSON.parse(line) : {}))
    const line = { level: 'warn', event: 'turnstile_mismatch', hostname: 'phishing.example', action: 'send-otp' }
    expect(lines).toContainEqual(line)
  })

  test('is ignored where Turnstile is off', async () => {
    const turnstileToken = newToken()
    const settings = { ...networkSettings(), TURNSTILE: 'off' as const }
    const place = at({ ip: newAddress() }, settings)
    expect(outcome(await place.ask(portuguese(), { turnstileToken }))).toBe('sent')
    expect(outcome(await place.ask(portuguese(), { turnstileToken }))).toBe('otp_sends_exhausted')
    expect(await turnstileRequests(turnstileToken)).toEqual([])
  })

  test('proves nothing under the wrong secret, which is a configuration error', async () => {
    const settings = { ...networkSettings(), TURNSTILE_SECRET: 'another secret' }
    const { body } = await at({ ip: newAddress() }, settings).ask(portuguese(), { turnstileToken: newToken() })
    expect(body.code).toBe('service_unavailable')
    expect(logged().some((line) => line.includes('"errorCodes":["invalid-input-secret"]'))).toBe(true)
  })

  test('is ignored where no secret is set, and for a network that has signed in with the number', async () => {
    const turnstileToken = newToken()
    expect(outcome(await at({ ip: newAddress() }).ask(portuguese(), { turnstileToken }))).toBe('sent')
    const [phoneNumber, home] = [portuguese(), at({ ip: newAddress() }, networkSettings())]
    const { body } = await home.ask(phoneNumber)
    await home.give(body.verificationId, codeFor(phoneNumber))
    expect(outcome(await home.ask(phoneNumber, { turnstileToken }))).toBe('sent')
    expect(await turnstileRequests(turnstileToken)).toEqual([])
  })

  test('allows two more codes a day to a number than without, and leaves three for a known network', async () => {
    const phoneNumber = portuguese()
    const settings = withTurnstile()
    const home = at({ ip: newAddress() }, settings)
    const first = await home.ask(phoneNumber)
    await home.give(first.body.verificationId, codeFor(phoneNumber))
    const stranger = async (token: boolean) => {
      const { ask } = at({ ip: newAddress() }, settings)
      const answer = await ask(phoneNumber, token ? { turnstileToken: newToken() } : {})
      clock.pass(15 * 60)
      return outcome(answer)
    }
    expect(await Promise.all([stranger(false)])).toEqual(['sent'])
    for (let n = 0; n < 3; n++) expect(await stranger(false)).toBe('sent')
    expect(await stranger(false)).toBe('turnstile_required')
    expect(await stranger(true)).toBe('sent')
    expect(await stranger(true)).toBe('sent')
    expect(await stranger(true)).toBe('otp_sends_exhausted')
    for (let n = 0; n < 3; n++) {
      const answer = await home.ask(phoneNumber)
      expect(outcome(answer)).toBe('sent')
      clock.until(answer.body.resendAt)
    }
  })
})
