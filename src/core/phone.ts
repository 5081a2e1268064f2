import { type CountryCode, type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import { lazy } from './lazy'
import { limits } from './limits'
import { plainPhoneText } from './pasted-text'
import { canonicalForm } from './phone-forms'
import { phoneMetadataText } from './phone-metadata'

const metadata = lazy((): MetadataJson => JSON.parse(phoneMetadataText))

const isCountry = (region: string): region is CountryCode => Object.hasOwn(metadata().countries, region)

/** Whether there are phone numbers of a region: ISO 3166-1 alpha-2, in capital or small letters. */
export const isRegion = (region: string) => isCountry(region.toUpperCase())

const parse = (text: string, defaultCountry?: CountryCode) =>
  parsePhoneNumberFromString(text, { ...(defaultCountry && { defaultCountry }), extract: false }, metadata())

const mexicanLength = 10

/**
 * Mexico gave up prefixes in 2019: 1 after the country code for mobile phones, and 044, 045, and 01 within the country.
 * Address books have them still. A 1 without the country code would be one of North America.
 */
function withoutMexicanPrefix(nationalNumber: string, text: string): string | null {
  const number = nationalNumber.slice(-mexicanLength)
  const prefix = nationalNumber.slice(0, -mexicanLength)
  const hasMobilePrefix = prefix === '1' && text.replaceAll(/\D/g, '').endsWith(`521${number}`)
  return hasMobilePrefix || ['044', '045', '01'].includes(prefix) ? `+52${number}` : null
}

/**
 * In Argentina, 9 and 15 mark a mobile number: the one from abroad, and the other, after the area code, within. The 0
 * before the area code is for calls within, too.
 */
const withOneMark = (nationalNumber: string) =>
  `+54${nationalNumber.replace(/^90/, '9').replace(/^9(?=\d{2,4}15\d{6,8}$)/, '')}`

/** Understands, of numbers that are not possible, those that people write as they once were dialed. */
function formerlyDialed(text: string, defaultCountry?: CountryCode) {
  const parsed = parse(text, defaultCountry)
  if (!parsed || parsed.ext || parsed.isPossible()) return parsed
  const number = parsed.nationalNumber
  const today: Record<string, string | null> = {
    '52': withoutMexicanPrefix(number, text),
    '54': withOneMark(number),
    // Benin put 01 before the numbers of its subscribers in 2024. Those of services begin with 8.
    '229': `+229${number.replace(/^(?=[2-79]\d{7}$)/, '01')}`,
  }
  return parse(today[parsed.countryCallingCode] ?? text, defaultCountry)
}

/** A phone number that somebody has written, in E.164. */
export interface PhoneNumber {
  /** The identity of the phone. */
  canonical: string
  /** As it was written: another form of it, where there are two. */
  written: string
}

/**
 * Returns the number that a person wrote, or null if it is not a possible one. National formats are understood only with
 * the region that they belong to (ISO 3166-1 alpha-2, in capital or small letters).
 */
export function readPhoneNumber(input: string, region = ''): PhoneNumber | null {
  if (input.length > limits.phoneInputCharactersMax) return null
  const country = region.toUpperCase()
  const parsed = formerlyDialed(plainPhoneText(input), isCountry(country) ? country : undefined)
  if (!parsed?.isPossible() || parsed.ext) return null
  return { canonical: canonicalForm(parsed.number), written: parsed.number }
}

/**
 * Returns where a number (E.164) belongs: the country as ISO 3166-1 alpha-2, or null for numbers of no country, such as
 * those of satellites and international networks; and the calling code. If countries share a calling code, the largest
 * gets the numbers that belong to no other.
 */
export function countryOf(phoneNumber: string): { country: string | null; callingCode: string } {
  const parsed = parsePhoneNumberFromString(phoneNumber, metadata())
  return {
    country: parsed?.country ?? parsed?.getPossibleCountries()[0] ?? null,
    callingCode: `+${parsed?.countryCallingCode ?? ''}`,
  }
}
