import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/**
 * Returns the E.164 form of a phone number as written by a person, or null if it is not a possible number. National
 * formats are understood only with the region (ISO 3166-1 alpha-2) that they belong to.
 */
export function toE164(input: string, region?: string): string | null {
  const country: CountryCode | undefined = region && isSupportedCountry(region) ? region : undefined
  const parsed = parsePhoneNumberFromString(input, { ...(country && { defaultCountry: country }), extract: false })
  return parsed?.isPossible() && !parsed.ext ? parsed.number : null
}

export const isRegion = (region: string) => isSupportedCountry(region)

/**
 * Returns where a number (E.164) belongs: the country as ISO 3166-1 alpha-2, or null for numbers of no country, such as
 * those of satellites and international networks; and the calling code. If countries share a calling code, the largest
 * gets the numbers that belong to no other.
 */
export function countryOf(phoneNumber: string): { country: string | null; callingCode: string } {
  const parsed = parsePhoneNumberFromString(phoneNumber)
  return {
    country: parsed?.country ?? parsed?.getPossibleCountries()[0] ?? null,
    callingCode: `+${parsed?.countryCallingCode ?? ''}`,
  }
}
