import { expect, test } from 'vitest'
import type { Verification } from '../../schemas/authentication'
import type { Me } from '../../schemas/user'
import { ok, refused } from '../support/call'
import { codeFor, newPhoneNumber, newUser } from '../support/users'

const inDigits = (zero: number) => (code: string) =>
  code.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)))

/** How keyboards, messages, and password managers give a code. */
const written: Record<string, (code: string) => string> = {
  'a space in the middle': (code) => `${code.slice(0, 3)} ${code.slice(3)}`,
  'a hyphen in the middle': (code) => `${code.slice(0, 3)}-${code.slice(3)}`,
  'a dash in the middle': (code) => `${code.slice(0, 3)}\u2013${code.slice(3)}`,
  'a no-break space in the middle': (code) => `${code.slice(0, 3)}\u00a0${code.slice(3)}`,
  'spaces between all digits': (code) => [...code].join(' '),
  'a middle dot': (code) => `${code.slice(0, 3)}\u00b7${code.slice(3)}`,
  brackets: (code) => `\u3010${code}\u3011`,
  'a hyphen between Persian digits': (code) => inDigits(0x6f0)(`${code.slice(0, 3)}-${code.slice(3)}`),
  'an ideographic space': (code) => `${code.slice(0, 3)}\u3000${code.slice(3)}`,
  'a tab before': (code) => `\t${code}`,
  'a byte order mark': (code) => `\ufeff${code}`,
  'mathematical bold digits': inDigits(0x1d7ce),
  'a line end': (code) => `${code}\n`,
  'marks of direction': (code) => `\u2068${code}\u2069`,
  'Arabic-Indic digits': inDigits(0x660),
  'Devanagari digits': inDigits(0x966),
  'full-width digits': inDigits(0xff10),
}

async function newVerification(as?: { accessToken: string }) {
  const phoneNumber = newPhoneNumber()
  const body = { phoneNumber, ...(as && { purpose: 'changePhoneNumber' }) }
  const { verificationId } = await ok<Verification>('sendOtp', { body }, as ? { as } : {})
  return { verificationId, phoneNumber, code: codeFor(phoneNumber) }
}

test.each(Object.entries(written))('a code is taken with %s', async (_, write) => {
  const { verificationId, phoneNumber, code } = await newVerification()
  const { user } = await ok<{ user: Me }>('verifyOtp', { body: { verificationId, code: write(code) } })
  expect(user.phoneNumber).toBe(phoneNumber)
  // The same code, however it is written, repeats the sign-in.
  await ok('verifyOtp', { body: { verificationId, code } })
})

test('a code changes the number as it signs in', async () => {
  const user = await newUser()
  const { verificationId, phoneNumber, code } = await newVerification(user)
  const body = { verificationId, code: `${code.slice(0, 3)} ${code.slice(3)}\n` }
  expect((await ok<Me>('changePhoneNumber', { body }, { as: user })).phoneNumber).toBe(phoneNumber)
})

test.each([
  '',
  ' ',
  '123',
  '12345678901',
  '12345a',
  '123,456',
  '½23456',
  '①②③④⑤⑥',
  'G-123456',
  'Your code is 123456',
  '1e5',
  `123456${' '.repeat(64)}`,
  '1'.repeat(5000),
])('what is no code is rejected by its shape, and costs no attempt: %j', async (code) => {
  const { verificationId, code: right } = await newVerification()
  for (let attempt = 0; attempt < 6; attempt++)
    await refused('verifyOtp', 'invalid_request', { body: { verificationId, code } })
  await ok('verifyOtp', { body: { verificationId, code: right } })
})

test.each([
  'es-419',
  'en_US',
  'zh-Hant-HK',
  'en-US-u-ca-gregory',
  'i-klingon',
  'zh-Hant-TW',
  'en_US.UTF-8',
  'sr@latin',
  'C',
  '*',
  'en-US,en;q=0.9',
  'constructor',
  '\u0000',
  'x-private',
  '',
  'nothing of the kind',
  'e'.repeat(300),
])('the language %j never keeps a code from being sent', async (locale) => {
  await ok('sendOtp', { body: { phoneNumber: newPhoneNumber(), locale } })
})

test('what helps only if there is something is no reason to refuse when it is empty', async () => {
  const phoneNumber = newPhoneNumber()
  const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber, turnstileToken: '' } })
  for (const previousRefreshToken of ['', 'r'.repeat(600)])
    await ok('verifyOtp', { body: { verificationId, code: codeFor(phoneNumber), previousRefreshToken } })
})
