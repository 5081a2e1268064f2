import { afterEach, describe, expect, test, vi } from 'vitest'
import { checksAvailable, planCode } from '../../src/services/verification/check-allocation'
import type { Answer } from '../support/call'
import { asDeployed, at, Clock, newAddress, type OtpAnswer } from '../support/otp-caller'
import { sized } from '../support/run-size'
import { newToken, turnstileSettings } from '../support/turnstile'
import { codeFor, newPhoneNumberOfNewBlock } from '../support/users'
import { sentCode, verifyRequests, verifySettings } from '../support/verify'

afterEach(() => {
  vi.useRealTimers()
})

describe('the checks of a code:', () => {
  const [stranger, person, owner] = [0, 1, 2].map((trust) => ({ trust, checks: 0 }))
  const tried = (one: { trust: number; checks: number } | undefined, checks: number) => ({ trust: 0, ...one, checks })

  test.each([
    ['a stranger alone gets all five', stranger, [], 0, 5],
    ['a stranger alone gets what is left', tried(stranger, 3), [], 3, 2],
    ['a stranger beside another gets two', stranger, [tried(stranger, 0)], 0, 2],
    ['a stranger beside another gets none after two', tried(stranger, 2), [tried(stranger, 0)], 2, 0],
    ['a stranger beside the owner gets what the owner’s two leave', stranger, [tried(owner, 0)], 2, 1],
    ['a stranger beside the owner gets none of the owner’s', stranger, [tried(owner, 0)], 3, 0],
    ['a stranger beside the owner who has tried one gets one', stranger, [tried(owner, 1)], 3, 1],
    ['the owner gets two, whatever strangers do', owner, [tried(stranger, 2), tried(stranger, 1)], 3, 2],
    ['a person beside strangers gets two', person, [tried(stranger, 0), tried(stranger, 2)], 2, 2],
    ['a person beside the owner gets none of the owner’s', person, [tried(owner, 0)], 3, 0],
  ])('%s', (_, own, others, made, available) => {
    expect(checksAvailable({ trust: 0, checks: 0, ...own }, others, made)).toBe(available)
  })

  const open = { providerRef: 'one', sends: 1, checks: 0, expiresAt: 600_000 }
  test.each([
    ['no code is open', null, stranger, [], { kind: 'replace', carriedChecks: 0 }],
    ['a code is open', open, stranger, [tried(stranger, 0)], { kind: 'resend' }],
    [
      'a code is used up',
      { ...open, checks: 5 },
      stranger,
      [tried(stranger, 5)],
      { kind: 'replace', carriedChecks: 0 },
    ],
    [
      'a code was sent as often as allowed',
      { ...open, checks: 2, sends: 5 },
      stranger,
      [],
      { kind: 'replace', carriedChecks: 2 },
    ],
    ['a code is old', { ...open, checks: 1, expiresAt: 119_999 }, stranger, [], { kind: 'replace', carriedChecks: 1 }],
    ['a code has expired', { ...open, checks: 1, expiresAt: 0 }, stranger, [], { kind: 'replace', carriedChecks: 0 }],
    [
      'the owner’s code is used up for strangers',
      { ...open, checks: 3 },
      stranger,
      [tried(owner, 0)],
      { kind: 'refuse', until: 600_000 },
    ],
    [
      'the owner’s code was sent as often as allowed',
      { ...open, sends: 5 },
      stranger,
      [tried(owner, 0)],
      { kind: 'refuse', until: 600_000 },
    ],
    ['the owner’s code is old', { ...open, expiresAt: 60_000 }, stranger, [tried(owner, 0)], { kind: 'resend' }],
    [
      'a stranger’s code is used up',
      { ...open, checks: 5 },
      owner,
      [tried(stranger, 2)],
      { kind: 'replace', carriedChecks: 0 },
    ],
  ])('another send is planned correctly when %s', (_, code, own, others, next) => {
    expect(planCode(code, { trust: 0, checks: 0, ...own }, others, 0)).toEqual(next)
  })
})

interface Siege {
  settings?: Record<string, unknown>
  /** How the owner reads the latest code. */
  read?: (to: string) => Promise<string>
  hasTokens?: boolean
  /** Whether the checks are used up at once, or saved until the owner asks. */
  isPatient?: boolean
}

/**
 * An attacker who knows a number asks for a code whenever one may be sent, each time from a new network, and tries
 * codes with every open verification. Meanwhile the owner of the number signs in from home, at the worst of times, with
 * the first code that they type.
 */
async function besiege({ settings = {}, read = async (to) => codeFor(to), hasTokens, isPatient }: Siege) {
  const clock = new Clock()
  const env = asDeployed({ ...settings, ...(hasTokens && turnstileSettings()) })
  const phoneNumber = newPhoneNumberOfNewBlock()
  const home = at({ ip: newAddress(), country: 'US' }, env)
  const open: string[] = []
  const counts = { sent: 0, burnt: 0 }

  async function burn() {
    const { give } = at({ ip: newAddress(), country: 'US' }, env)
    for (const verificationId of open.slice(-5))
      for (let tried = 0; tried < 3; tried++) {
        const { body } = await give(verificationId, '0000000000')
        if (body.code === 'otp_wrong') counts.burnt++
      }
  }
  async function attack() {
    const { ask } = at({ ip: newAddress(), country: 'US' }, env)
    const asked: Answer<OtpAnswer> = await ask(phoneNumber, hasTokens ? { turnstileToken: newToken() } : {})
    if (asked.status !== 200) return
    counts.sent++
    open.push(asked.body.verificationId)
  }
  async function signIn() {
    const asked = await home.ask(phoneNumber)
    if (asked.status !== 200) return asked.body.code
    // A code takes a while to arrive and to be typed.
    for (let seconds = 0; seconds < 30; seconds += 10) {
      clock.pass(10)
      await attack()
      await burn()
    }
    const { status, body } = await home.give(asked.body.verificationId, await read(phoneNumber))
    return status === 200 ? 'signed in' : body.code
  }

  const outcomes = [await signIn()]
  for (let minutes = 1; minutes <= 24 * 60; minutes++) {
    clock.pass(60)
    if (minutes % sized(20, 5) === 0 || minutes < 30) await attack()
    if (!isPatient && minutes < 30) await burn()
    if (minutes === 9 || minutes === 720) outcomes.push(await signIn())
  }
  return { outcomes, counts, phoneNumber }
}

describe('someone who only knows a number cannot lock its owner out in a day of trying,', () => {
  test.each([
    ['by using up the checks at once', {}],
    ['by waiting for the owner', { isPatient: true }],
    ['with as many Turnstile tokens as they like', { hasTokens: true }],
    ['with tokens, by waiting for the owner', { hasTokens: true, isPatient: true }],
  ])('%s', async (_, siege) => {
    const { outcomes, counts } = await besiege(siege)
    expect(outcomes).toEqual(['signed in', 'signed in', 'signed in'])
    expect(counts.sent).toBeGreaterThan(3)
    expect(counts.burnt).toBeGreaterThan(1)
  })

  test.each([
    ['at once', {}],
    ['when the owner asks', { isPatient: true }],
  ])('where Twilio counts, by using up the checks %s', async (_, siege) => {
    const { outcomes, counts, phoneNumber } = await besiege({ settings: verifySettings(), read: sentCode, ...siege })
    expect(outcomes).toEqual(['signed in', 'signed in', 'signed in'])
    expect(counts.burnt).toBeGreaterThan(1)
    const sends = (await verifyRequests(phoneNumber)).filter(({ path }) => path.endsWith('/Verifications'))
    expect(sends.length).toBeLessThanOrEqual(10)
  })
})
