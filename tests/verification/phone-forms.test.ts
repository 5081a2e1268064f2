import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { Verification } from '../../schemas/authentication'
import type { Matches } from '../../schemas/contact'
import type { Me } from '../../schemas/user'
import { readPhoneNumber } from '../../src/core/phone'
import { formsOf } from '../../src/core/phone-forms'
import { ok, refused } from '../support/call'
import { alterMailbox, inMailbox } from '../support/delivery-faults'
import { asDeployed } from '../support/otp-caller'
import { codeFor, newUser, signIn, type TestUser } from '../support/users'
import { verifyRequests, verifySettings } from '../support/verify'

let subscriber = 100_000 + Math.floor(Math.random() * 800_000)

/** A phone of Argentina in both forms. */
function newArgentinePhone() {
  subscriber += 1
  return { canonical: `+549112${subscriber}0`, other: `+54112${subscriber}0` }
}

/** A phone of Brazil in both forms. */
function newBrazilianPhone() {
  subscriber += 1
  return { canonical: `+55119${8}${subscriber}1`, other: `+5511${8}${subscriber}1` }
}

const forms: [input: string, region: string | undefined, number: string | null][] = [
  // Argentina
  ['+54 9 11 2345-6780', undefined, '+5491123456780'],
  ['+54 11 2345-6780', undefined, '+5491123456780'],
  ['+54 11 15 2345-6780', undefined, '+5491123456780'],
  ['+54 9 11 15 2345-6780', undefined, '+5491123456780'],
  ['+54 351 123-4567', undefined, '+5493511234567'],
  ['+54 9 351 123-4567', undefined, '+5493511234567'],
  ['+54 9 011 2345-6780', undefined, '+5491123456780'],
  ['+54 9 011 15 2345-6780', undefined, '+5491123456780'],
  ['+54 9 0351 123-4567', undefined, '+5493511234567'],
  ['+54 9 11 2345-67801', undefined, null],
  ['011 15 2345-6781', 'AR', '+5491123456781'],
  ['11 2345-6781', 'AR', '+5491123456781'],
  ['0351 15 123-4567', 'ar', '+5493511234567'],
  ['9 11 2345-6781', 'AR', '+5491123456781'],
  ['011 54 11 2345 6780', 'US', '+5491123456780'],
  // No area code begins like this.
  ['+54 800 555 1234', undefined, '+548005551234'],
  // Mexico
  ['+52 1 55 1234 5671', undefined, '+525512345671'],
  ['+52 55 1234 5671', undefined, '+525512345671'],
  ['044 55 1234 5671', 'MX', '+525512345671'],
  ['045 55 1234 5671', 'MX', '+525512345671'],
  ['01 55 1234 5671', 'MX', '+525512345671'],
  ['55 1234 5671', 'MX', '+525512345671'],
  ['52 1 55 1234 5671', 'MX', '+525512345671'],
  ['00 52 1 55 1234 5671', 'PT', '+525512345671'],
  ['tel:+521-55-1234-5671', undefined, '+525512345671'],
  // A number of North America, if anything.
  ['1 415 555 0178', 'MX', null],
  ['+52 2 55 1234 5671', undefined, null],
  ['+52 1 55 1234 56712', undefined, null],
  // Benin
  ['+229 97 12 34 56', undefined, '+2290197123456'],
  ['+229 01 97 12 34 56', undefined, '+2290197123456'],
  ['97 12 34 56', 'BJ', '+2290197123456'],
  ['00229 20 21 12 34', 'PT', '+2290120211234'],
  ['+229 97 12 34 5', undefined, null],
  ['+229 81 12 34 56', undefined, null],
  ['+229 97 12 34 567', undefined, null],
  // Brazil
  ['+55 11 98123-4567', undefined, '+5511981234567'],
  ['+55 11 8123-4567', undefined, '+5511981234567'],
  ['(11) 8123-4567', 'BR', '+5511981234567'],
  ['011 8123-4567', 'BR', '+5511981234567'],
  ['0 15 11 98123-4567', 'BR', '+5511981234567'],
  ['+55 85 9123-4567', undefined, '+5585991234567'],
  ['+55 11 7123-4567', undefined, '+5511971234567'],
  // A landline, and a trunked radio, which never got the digit.
  ['+55 11 3123-4567', undefined, '+551131234567'],
  ['+55 11 7812-3456', undefined, '+551178123456'],
]

test.each(forms)('%j (region %s) is %s', (input, region, number) => {
  expect(readPhoneNumber(input, region)?.canonical ?? null).toBe(number)
})

test('each form of a number leads to the same forms', () => {
  for (const { canonical, other } of [newArgentinePhone(), newBrazilianPhone()]) {
    expect(formsOf(other)).toEqual([canonical, other])
    expect(formsOf(canonical)).toEqual([canonical, other])
  }
  expect(formsOf('+14155550178')).toEqual(['+14155550178'])
  expect(formsOf('+551131234567')).toEqual(['+551131234567'])
})

const find = async (user: TestUser, phoneNumbers: string[], region?: string) => {
  const body = { phoneNumbers, ...(region && { region }) }
  const { matches } = await ok<Matches>('findContacts', { body }, { as: user })
  return matches.map(({ phoneNumber, user: found }) => [phoneNumber, found.id])
}

/** A repeated request for a code for the same phone sends nothing, whatever the form. */
async function codeTo(spellings: [text: string, region?: string][]) {
  const clientRequestId = crypto.randomUUID()
  const opened = []
  for (const [phoneNumber, region] of spellings)
    opened.push(
      await ok<Verification>('sendOtp', { body: { phoneNumber, clientRequestId, ...(region && { region }) } }),
    )
  return opened
}

describe('one phone is one account', () => {
  test('whichever form of its number signs in', async () => {
    for (const { canonical, other } of [newArgentinePhone(), newBrazilianPhone()]) {
      const [first, again] = await codeTo([[other], [canonical]])
      expect(again).toEqual(first)
      expect(first?.phoneNumber).toBe(canonical)
      const body = { verificationId: first?.verificationId, code: codeFor(canonical) }
      const { user } = await ok<{ user: Me }>('verifyOtp', { body })
      expect(user.phoneNumber).toBe(canonical)
    }
  })

  test('and friends find it by either, each in their own spelling', async () => {
    const user = await newUser()
    for (const { canonical, other } of [newArgentinePhone(), newBrazilianPhone()]) {
      const { user: friend } = await signIn(canonical)
      const spellings = [other, canonical, `${other.slice(0, 3)} ${other.slice(3)}`]
      expect(await find(user, spellings)).toEqual(spellings.map((spelling) => [spelling, friend.id]))
    }
  })

  test('both forms in one address book are one lookup', async () => {
    const { accessToken } = await newUser()
    const { canonical, other } = newArgentinePhone()
    const settings = { as: { accessToken } }
    await ok('findContacts', { body: { phoneNumbers: [other] } }, settings)
    await ok('findContacts', { body: { phoneNumbers: [canonical, other] } }, settings)
  })

  test('codes are sent to the form that gets messages', async () => {
    const { canonical, other } = newArgentinePhone()
    const settings = asDeployed(verifySettings())
    await ok('sendOtp', { body: { phoneNumber: other } }, { env: settings })
    expect((await verifyRequests(canonical)).length).toBe(1)
    expect(await verifyRequests(other)).toEqual([])
  })

  test('a number cannot be taken by its other form', async () => {
    const { canonical, other } = newBrazilianPhone()
    await signIn(canonical)
    const user = await newUser()
    const { verificationId } = await ok<Verification>(
      'sendOtp',
      { body: { phoneNumber: other, purpose: 'changePhoneNumber' } },
      { as: user },
    )
    const body = { verificationId, code: codeFor(canonical) }
    await refused('changePhoneNumber', 'phone_number_taken', { body }, { as: user })
  })
})

/** An account from before numbers had a canonical form. */
async function newUserBefore(phoneNumber: string): Promise<TestUser> {
  const user = await newUser()
  await env.DB.prepare('UPDATE users SET phone_number = ? WHERE id = ?').bind(phoneNumber, user.id).run()
  await alterMailbox(
    user.id,
    `UPDATE meta SET value = json_set(value, '$.own.phoneNumber', '${phoneNumber}') WHERE key = 'profile'`,
  )
  return { ...user, phoneNumber }
}

const numberInMailbox = async (userId: string) => {
  const [row] = await inMailbox<{ number: string }>(
    userId,
    `SELECT value ->> '$.own.phoneNumber' AS number FROM meta WHERE key = 'profile'`,
  )
  return row?.number
}

interface Entered {
  user: Me
  isNewUser: boolean
}

describe('an account from before', () => {
  test('is found by either form, before it signs in again', async () => {
    const user = await newUser()
    const { canonical, other } = newArgentinePhone()
    const { id } = await newUserBefore(other)
    expect(await find(user, [canonical, other])).toEqual([
      [canonical, id],
      [other, id],
    ])
  })

  test.each(['canonical', 'other'] as const)(
    'is entered by the %s form, gets the canonical one, and keeps its other sessions',
    async (typed) => {
      const phone = newArgentinePhone()
      const before = await newUserBefore(phone.other)
      expect(await numberInMailbox(before.id)).toBe(phone.other)
      const [verification] = await codeTo([[phone[typed]]])
      expect(verification?.phoneNumber).toBe(phone.canonical)
      const body = { verificationId: verification?.verificationId, code: codeFor(phone.canonical) }
      const { user, isNewUser } = await ok<Entered>('verifyOtp', { body })
      expect({ id: user.id, isNewUser, phoneNumber: user.phoneNumber }).toEqual({
        ...{ id: before.id, isNewUser: false, phoneNumber: phone.canonical },
      })
      expect(await numberInMailbox(before.id)).toBe(phone.canonical)
      expect((await ok<Me>('getMe', {}, { as: before })).phoneNumber).toBe(phone.canonical)
    },
  )

  test('is entered by a code that was sent before there was a canonical form', async () => {
    const { canonical, other } = newBrazilianPhone()
    const [verification] = await codeTo([[canonical]])
    const before = await newUserBefore(other)
    const code = codeFor(canonical)
    await env.DB.prepare('UPDATE verifications SET phone_number = ? WHERE phone_number = ?')
      .bind(other, canonical)
      .run()
    await env.DB.prepare('UPDATE otp_challenges SET phone_number = ?, provider_ref = ? WHERE phone_number = ?')
      .bind(other, 'test.before', canonical)
      .run()
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const settings = asDeployed({ OTP_TEST_NUMBERS: JSON.stringify({ [other]: { code, expiresAt } }) })
    const body = { verificationId: verification?.verificationId, code }
    const { user, isNewUser } = await ok<Entered>('verifyOtp', { body }, { env: settings })
    expect({ id: user.id, isNewUser }).toEqual({ id: before.id, isNewUser: false })
  })

  test('changes to the canonical form of its own number without ending anything', async () => {
    const { canonical, other } = newArgentinePhone()
    const before = await newUserBefore(other)
    const { verificationId } = await ok<Verification>(
      'sendOtp',
      { body: { phoneNumber: canonical, purpose: 'changePhoneNumber' } },
      { as: before },
    )
    const body = { verificationId, code: codeFor(canonical) }
    expect((await ok<Me>('changePhoneNumber', { body }, { as: before })).phoneNumber).toBe(canonical)
    await ok('getMe', {}, { as: before })
  })
})

describe('two accounts from before, one under each form,', () => {
  async function twoAccounts() {
    const phone = newArgentinePhone()
    return { phone, canonical: await newUserBefore(phone.canonical), other: await newUserBefore(phone.other) }
  }

  test('are not merged: each is entered by its own form', async () => {
    const { phone, ...accounts } = await twoAccounts()
    for (const form of ['other', 'canonical', 'other'] as const) {
      const [verification] = await codeTo([[phone[form]]])
      expect(verification?.phoneNumber).toBe(phone[form])
      const body = { verificationId: verification?.verificationId, code: codeFor(phone[form]) }
      const { user } = await ok<Entered>('verifyOtp', { body })
      expect({ id: user.id, phoneNumber: user.phoneNumber }).toEqual({
        id: accounts[form].id,
        phoneNumber: phone[form],
      })
      await env.DB.prepare('DELETE FROM otp_sends').run()
    }
  })

  test('are each found by their own form', async () => {
    const user = await newUser()
    const { phone, canonical, other } = await twoAccounts()
    expect(await find(user, [phone.other, phone.canonical])).toEqual([
      [phone.other, other.id],
      [phone.canonical, canonical.id],
    ])
  })
})
