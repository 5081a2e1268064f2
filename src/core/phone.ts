import { type CountryCode, type MetadataJson, parsePhoneNumberFromString } from 'libphonenumber-js/core'
import { lazy } from './lazy'
import { phoneMetadataText } from './phone-metadata'

const metadata = lazy((): MetadataJson => JSON.parse(phoneMetadataText))

export const isRegion = (region: string): region is CountryCode => Object.hasOwn(metadata().countries, region)

/**
 * Returns the E.164 form of a phone number as written by a person, or null if it is not a possible number. National
 * formats are understood only with the region (ISO 3166-1 alpha-2) that they belong to.
 */
export function toE164(input: string, region?: string): string | null {
  const options = { ...(region && isRegion(region) && { defaultCountry: region }), extract: false }
  const parsed = parsePhoneNumberFromString(input, options, metadata())
  return parsed?.isPossible() && !parsed.ext ? parsed.number : null
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
