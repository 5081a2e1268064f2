import { refusedField } from '../../core/errors'
import { isRegion, toE164 } from '../../core/phone'

/** Checks a region as given. Throws a problem that names the field. */
export function checkRegion(region: string | undefined) {
  if (region !== undefined && !isRegion(region))
    throw refusedField('phone_number_invalid', '/region', 'No region with phone numbers has this code.')
}

/** Returns the E.164 form of the number in a body. Throws a problem that names the field. */
export function phoneNumberOf({ phoneNumber, region }: { phoneNumber: string; region?: string | undefined }): string {
  checkRegion(region)
  const number = toE164(phoneNumber, region)
  if (number === null)
    throw refusedField(
      'phone_number_invalid',
      '/phoneNumber',
      'Use a plus sign and the country code, or set the region for a national format.',
    )
  return number
}
