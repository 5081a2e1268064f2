import { env } from 'cloudflare:workers'
import { afterAll, expect, test, vi } from 'vitest'
import { ProblemError } from '../../src/core/errors'
import type { VerificationContext } from '../../src/services/verification/context'
import { openVerification } from '../../src/services/verification/open-verification'
import { proveVerification } from '../../src/services/verification/prove-verification'
import { readConfig } from '../../src/settings/config'
import { sendBudgets } from '../../src/settings/send-budgets'
import { baseUrl } from '../support/call'
import { asDeployed, Clock } from '../support/otp-caller'
import { random } from '../support/random'
import { newToken, turnstileSettings } from '../support/turnstile'
import { codeFor } from '../support/users'

const clock = new Clock()
afterAll(() => {
  vi.useRealTimers()
})

const hour = 3_600_000
const day = 24 * hour
// A day of 20,000 takes minutes: `npm run test:pumping`.
const attacks = Number(import.meta.env['VITE_PUMPING_SENDS'] ?? 600)
const people = attacks / 20

const seed = Number(import.meta.env['VITE_PUMPING_SEED'] ?? 20_261_125)
const { below, pick } = random(seed)
const digits = (count: number) => String(below(10 ** count)).padStart(count, '0')

const countries = [
  { country: 'PT', begin: '+35191', digits: 7 },
  { country: 'DE', begin: '+49151', digits: 8 },
  { country: 'FR', begin: '+3361', digits: 7 },
  { country: 'ES', begin: '+346', digits: 8 },
  { country: 'GB', begin: '+4477', digits: 8 },
] as const
type Country = (typeof countries)[number]

/** Blocks of ten thousand numbers that earn the attacker money. */
const pumped = Array.from({ length: 400 }, () => {
  const { country, begin, digits: most } = pick(countries)
  return { country, prefix: `${begin}${digits(most - 4)}` }
})
const ofBlock = ({ country, prefix }: (typeof pumped)[number]) => ({ country, phoneNumber: `${prefix}${digits(4)}` })
const ofCountry = ({ country, begin, digits: most }: Country) => ({ country, phoneNumber: `${begin}${digits(most)}` })

const address = (first: number, many: number) => {
  const host = below(many)
  return `${first}.${host >> 16}.${(host >> 8) & 255}.${host & 255}`
}

const config = readConfig({ ...env, ...asDeployed(turnstileSettings()) })
const contextOf = (ip: string, country: (typeof countries)[number]['country'], asn: number): VerificationContext => ({
  config,
  db: env.DB,
  url: baseUrl,
  edge: { ip, country, asn },
})

/** The outcome of asking for a code. */
async function ask(at: VerificationContext, phoneNumber: string, turnstileToken?: string) {
  const request = {
    phoneNumber,
    channel: 'sms' as const,
    locale: undefined,
    clientRequestId: undefined,
    turnstileToken,
  }
  try {
    return { code: 'sent', ...(await openVerification(at, request, { purpose: 'signIn' }, clock.now)) }
  } catch (error) {
    if (error instanceof ProblemError) return { code: error.code, verificationId: '' }
    throw error
  }
}

interface Event {
  at: number
  run: () => Promise<void>
}

test(`${attacks} fraudulent requests for codes cost only what the budgets say, and ${people} people sign in that day`, async ({
  task,
}) => {
  const begin = clock.now
  const outcomes = new Map<string, number>()
  const count = (name: string) => outcomes.set(name, (outcomes.get(name) ?? 0) + 1)
  const events: Event[] = []

  // All day, mostly in bursts; from 4,000 homes and 40 rented machines, half of them where the number is.
  const attack = async () => {
    const { country, phoneNumber } = ofBlock(pick(pumped))
    const isHosted = below(10) === 0
    const ip = isHosted ? address(45, 40) : address(46, 4_000)
    const from = contextOf(ip, below(2) === 0 ? country : pick(countries).country, isHosted ? 24940 : 64500)
    count(`attack: ${(await ask(from, phoneNumber)).code}`)
  }
  for (let n = 0; n < attacks; n++) {
    const burst = below(3)
    const at = burst === 0 ? below(day) : burst * 8 * hour + below(hour)
    events.push({ at: begin + at, run: attack })
  }

  // One in ten has a number in a pumped block, one in three an address that hundreds share.
  const person = async () => {
    const { country, phoneNumber } = below(10) === 0 ? ofBlock(pick(pumped)) : ofCountry(pick(countries))
    const home = contextOf(below(3) === 0 ? address(47, 3) : address(48, 100_000), country, 64501)
    let asked = await ask(home, phoneNumber)
    if (asked.code === 'turnstile_required') {
      count('person: proved')
      asked = await ask(home, phoneNumber, newToken())
    }
    if (asked.code !== 'sent') return void count(`person: ${asked.code}`)
    const given = { verificationId: asked.verificationId, code: codeFor(phoneNumber) }
    const type = async () => {
      await proveVerification(home, given, { purpose: 'signIn' })
      count('person: signed in')
    }
    events.push({ at: clock.now + 10_000 + below(110_000), run: type })
    events.sort((one, other) => one.at - other.at)
  }
  for (let n = 0; n < people; n++) events.push({ at: begin + below(day - hour), run: person })

  events.sort((one, other) => one.at - other.at)
  for (let next = events.shift(); next; next = events.shift()) {
    clock.until(next.at)
    await next.run()
  }
  const totals = Object.fromEntries([...outcomes].toSorted())
  task.meta.note = `Pumping, seed ${seed}: ${JSON.stringify(totals)}`

  const { servicePerDay } = sendBudgets({})
  expect(outcomes.get('attack: sent')).toBeLessThanOrEqual(servicePerDay.max.unknown ?? 0)
  expect(outcomes.get('person: signed in')).toBe(people)
  expect(outcomes.get('person: proved')).toBeGreaterThan(0)
}, 900_000)
