import { parsePhoneNumberFromString } from 'libphonenumber-js/core'
import library from 'libphonenumber-js/metadata.min.json'
import { describe, expect, test } from 'vitest'
import type { Verification } from '../../schemas/authentication'
import type { Matches } from '../../schemas/contact'
import { readPhoneNumber } from '../../src/core/phone'
import { call, ok, refused } from '../support/call'
import { newPhoneNumber, newUser } from '../support/users'
import exampleNumbers from './example-numbers.json'

const identity = (text: string, region?: string) => readPhoneNumber(text, region)?.canonical ?? null

const inDigits = (zero: string) => (text: string) =>
  text.replaceAll(/\d/g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)))

/** What copying, keyboards, and links put around a number or in place of its characters. */
const dressings: Record<string, (text: string) => string> = {
  nothing: (text) => text,
  isolates: (text) => `\u2068${text}\u2069`,
  embedding: (text) => `\u202a${text}\u202c`,
  'a mark of direction': (text) => `\u200e${text}`,
  'a mark between all characters': (text) => [...text].join('\u200f'),
  'zero-width spaces': (text) => [...text].join('\u200b'),
  'a byte order mark': (text) => `\ufeff${text}`,
  'a soft hyphen': (text) => `${text.slice(0, 5)}\u00ad${text.slice(5)}`,
  'a space before': (text) => ` ${text}`,
  'a line end': (text) => `${text}\n`,
  'a line end of Windows': (text) => `${text}\r\n`,
  'a tab before': (text) => `\t${text}`,
  'a line separator': (text) => `${text}\u2028`,
  'no-break spaces': (text) => text.replaceAll(' ', '\u00a0'),
  'narrow no-break spaces': (text) => text.replaceAll(' ', '\u202f'),
  'ideographic spaces': (text) => text.replaceAll(' ', '\u3000'),
  tabs: (text) => text.replaceAll(' ', '\t'),
  'non-breaking hyphens': (text) => text.replaceAll(/[ -]/g, '\u2011'),
  'middle dots': (text) => text.replaceAll(/[ -]/g, '\u00b7'),
  'katakana middle dots': (text) => text.replaceAll(/[ -]/g, '\u30fb'),
  bullets: (text) => text.replaceAll(/[ -]/g, ' \u2022 '),
  dots: (text) => text.replaceAll(/[ -]/g, '.'),
  tildes: (text) => text.replaceAll(/[ -]/g, '~'),
  underscores: (text) => text.replaceAll(/[ -]/g, '_'),
  'blank Braille': (text) => text.replaceAll(' ', '\u2800'),
  quotes: (text) => `"${text}"`,
  'the sign of a spreadsheet for text': (text) => `'${text}`,
  'angle brackets': (text) => `<${text}>`,
  'lenticular brackets': (text) => `\u3010${text}\u3011`,
  'a telephone before': (text) => `\u260e\ufe0f ${text}`,
  'a flag before': (text) => `\u{1f1f5}\u{1f1f9}${text}`,
  'a comma after': (text) => `${text},`,
  'a control character after': (text) => `${text}\u0007`,
  'full-width digits': inDigits('\uff10'),
  'Arabic-Indic digits': inDigits('\u0660'),
  'Persian digits': inDigits('\u06f0'),
  'Devanagari digits': inDigits('\u0966'),
  'Bengali digits': inDigits('\u09e6'),
  'mathematical bold digits': inDigits('\u{1d7ce}'),
}

/** The same for numbers that begin with a plus sign. */
const internationalDressings: Record<string, (text: string) => string> = {
  ...dressings,
  'a full-width plus': (text) => text.replace('+', '\uff0b'),
  'a small plus': (text) => text.replace('+', '\ufe62'),
  'a heavy plus': (text) => text.replace('+', '\u2795'),
  'the country code in brackets': (text) => text.replace(/^\S+/, '($&)'),
  'the country code in square brackets': (text) => text.replace(/^\S+/, '[$&]'),
  'the country code in full-width brackets': (text) => text.replace(/^\S+/, '\uff08$&\uff09'),
  'a space within the brackets': (text) => text.replace(/^\+(\S+)/, '( + $1 )'),
  'all of it in brackets': (text) => `(${text})`,
  'a link': (text) => `tel:${text.replaceAll(/[^+\d]+/g, '-')}`,
  'a link in capitals, with slashes': (text) => `TEL://${text}`,
  'two plus signs': (text) => `+${text}`,
  '00 after the plus sign': (text) => text.replace('+', '+00 '),
  '00 before the plus sign': (text) => `00 ${text}`,
  'the country code in braces': (text) => text.replace(/^\S+/, '{$&}'),
  'a percent-encoded link': (text) => `tel:${encodeURIComponent(text)}`,
  'a link in angle brackets': (text) => `<tel:${text}>`,
  'a marked link': (text) => `\u2068tel:${text}\u2069`,
}

/** Numbers that belong to no country, of international networks. */
const noCountry = '001'
/** Examples whose length is possible in Google's metadata of another version. */
const notPossible = ['+22981123456', '+22985751234']

/** The examples of Google's metadata: of each country, one of each kind of number that it has. */
const examples = Object.entries(exampleNumbers).flatMap(([region, numbers]) =>
  numbers
    .filter((number) => !notPossible.includes(number))
    .map((number) => {
      const parsed = parsePhoneNumberFromString(number, library)
      if (!parsed) throw new Error(`The example of ${region} is no number`)
      return { region, e164: number, national: parsed.formatNational(), international: parsed.formatInternational() }
    }),
)
const ofCountries = examples.filter(({ region }) => region !== noCountry)

describe('a number of any country and kind comes to the same identity', () => {
  test('there are examples of all countries', () => {
    const countries = new Set(ofCountries.map(({ region }) => region))
    expect(Object.keys(library.countries).filter((country) => !countries.has(country))).toEqual([])
    expect(examples.length).toBeGreaterThan(1_100)
    expect(examples.filter(({ e164 }) => identity(e164) === null)).toEqual([])
  })

  test('which is itself a number of that identity', () => {
    const unstable = examples.filter(({ e164 }) => identity(identity(e164) ?? '') !== identity(e164))
    expect(unstable).toEqual([])
  })

  test.each(Object.entries(internationalDressings))('in international format, with %s', (_, dress) => {
    const differing = examples.filter(({ e164, international }) => identity(dress(international)) !== identity(e164))
    expect(differing).toEqual([])
  })

  test.each(Object.entries(dressings))('in national format, with %s', (_, dress) => {
    const differing = ofCountries.filter(
      ({ region, e164, national }) =>
        identity(dress(national), region) !== identity(e164) ||
        identity(dress(national), region.toLowerCase()) !== identity(e164),
    )
    expect(differing).toEqual([])
  })
})

const pasted: [input: string, region: string | undefined, number: string][] = [
  ['\u2068+14155550178\u2069', undefined, '+14155550178'],
  ['\u202a+14155550178\u202c', undefined, '+14155550178'],
  ['\u200e+14155550178', undefined, '+14155550178'],
  [' +14155550178', undefined, '+14155550178'],
  ['+14155550178\n', undefined, '+14155550178'],
  ['(+351) 912 345 678', undefined, '+351912345678'],
  ['(+1 415) 555 0178', undefined, '+14155550178'],
  ['tel:+351-912-345-678', undefined, '+351912345678'],
  ['tel:912345678;phone-context=+351', undefined, '+351912345678'],
  ['\u0966\u096f\u096e\u096d\u096c\u096b\u096a\u0969\u0968\u0967\u0966', 'IN', '+919876543210'],
  ['415 555 0178', 'us', '+14155550178'],
  ['(00351) 912 345 678', 'PT', '+351912345678'],
]

// A repeat of a request for the same number sends nothing.
const clientRequestId = crypto.randomUUID()

test.each(pasted)('a code can be sent to %j (region %s)', async (phoneNumber, region, number) => {
  const body = { phoneNumber, clientRequestId, ...(region && { region }) }
  const verification = await ok<Verification>('sendOtp', { body })
  expect(verification.phoneNumber).toBe(number)
})

const noNumbers = [
  '1-800-FLOWERS',
  'call +14155550178',
  '+14155550178 or +14155550179',
  '+14155550178 / +14155550179',
  '+14155550178 / 0179',
  '+14155550178, +14155550179',
  '+14155550178\n+14155550179',
  '+14155550178 x5',
  'tel:+14155550178;ext=5',
  'sip:+14155550178',
  '*67 415 555 0178',
  '#31#+14155550178',
  '+14155550178#',
  '+1415555O178',
  '+14155550178 +14155550179',
  '\u2460 +14155550178',
  '(+)',
  '\u200e',
  '+1\u00004155550178',
  '½4155550178',
]

test.each(noNumbers)('%j is not a phone number', (text) => {
  expect(identity(text, 'US')).toBeNull()
})

test('a region that no country has is refused, in any letters', async () => {
  await refused('sendOtp', 'phone_number_invalid', { body: { phoneNumber: '912345678', region: 'zz' } })
  await refused('sendOtp', 'invalid_request', { body: { phoneNumber: '912345678', region: 'pt ' } })
})

test('an entry of an address book that is no number is reported, however long it is, and the others are found', async () => {
  const [user, friend] = [await newUser(), await newUser()]
  const pastedNumber = `\u2068${friend.phoneNumber}\u2069\n`
  const others = [
    '+14155550123,,123456789#,,,,*4567890#',
    `${newPhoneNumber()}${' '.repeat(5_000)}`,
    '0'.repeat(20_000),
    '',
    '\ud800',
    'Ben\u0000',
  ]
  const { matches, invalid } = await ok<Matches>(
    'findContacts',
    { body: { phoneNumbers: [others[0], pastedNumber, ...others.slice(1)] } },
    { as: user },
  )
  expect(matches).toEqual([{ phoneNumber: pastedNumber, user: expect.objectContaining({ id: friend.id }) }])
  expect(invalid).toEqual(others)
})

test('only a whole number can be in an address book: another type is a mistake of the client', async () => {
  const user = await newUser()
  const { status } = await call('findContacts', { body: { phoneNumbers: [5] } }, { as: user })
  expect(status).toBe(400)
})
