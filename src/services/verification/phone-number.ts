import * as users from '../../../repositories/users'
import { refusedField } from '../../core/errors'
import { isRegion, readPhoneNumber } from '../../core/phone'
import { formsOf } from '../../core/phone-forms'

/** Checks a region as given. Throws a problem that names the field. */
export function checkRegion(region: string | undefined) {
  if (region !== undefined && !isRegion(region))
    throw refusedField('phone_number_invalid', '/region', 'No region with phone numbers has this code.')
}

/**
 * Returns the identity (E.164) of the number in a body. Where accounts exist under both forms of a number, each keeps its
 * own: nothing is merged. Throws a problem that names the field.
 */
export async function phoneNumberOf(
  db: D1Database,
  { phoneNumber, region }: { phoneNumber: string; region?: string | undefined },
): Promise<string> {
  checkRegion(region)
  const number = readPhoneNumber(phoneNumber, region)
  if (!number)
    throw refusedField(
      'phone_number_invalid',
      '/phoneNumber',
      'Use a plus sign and the country code, or set the region for a national format.',
    )
  if (number.written === number.canonical) return number.canonical
  const registered = await users.registeredNumbers(db, formsOf(number.canonical))
  return registered.length > 1 ? number.written : number.canonical
}
