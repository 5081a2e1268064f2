import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/**
 * The E.164 form of a phone number as somebody wrote it, or null for what is no possible number. National forms are
 * understood only with the region (ISO 3166-1 alpha-2) they belong to.
 */
export function toE164(input: string, region?: string): string | null {
  const country: CountryCode | undefined = region && isSupportedCountry(region) ? region : undefined
  const parsed = parsePhoneNumberFromString(input, { ...(country && { defaultCountry: country }), extract: false })
  return parsed?.isPossible() && !parsed.ext ? parsed.number : null
}

export const isRegion = (region: string) => isSupportedCountry(region)

/**
 * Where a number (E.164) belongs: ISO 3166-1 alpha-2, or null with the calling code for numbers of no country, such as
 * satellites' and international networks'. Where countries share a calling code, the largest has what is nobody else's.
 */
export function countryOf(phoneNumber: string): { country: string | null; callingCode: string } {
  const parsed = parsePhoneNumberFromString(phoneNumber)
  return {
    country: parsed?.country ?? parsed?.getPossibleCountries()[0] ?? null,
    callingCode: `+${parsed?.countryCallingCode ?? ''}`,
  }
}
