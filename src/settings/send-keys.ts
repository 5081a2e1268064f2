import { clientNetworks, type NetworkScope } from '../core/client-network'
import { countryOf } from '../core/phone'
import type { Config } from './config'
import { signatures } from './signing'

/**
 * Who is sent a code and who requests it, as keyed fingerprints: each under the current secret first, then under the
 * previous one.
 */
export interface SendKeys extends Record<NetworkScope, string[]> {
  number: string[]
  prefix: string[]
  /** ISO 3166-1 alpha-2 of the number, or `+` and its calling code if that belongs to no country. */
  country: string
}

const subscriberDigits = 4

/** The keys under which the sends to a number are counted. */
export const keysOfNumber = (config: Config, phoneNumber: string) => signatures(config, 'send', `number ${phoneNumber}`)

/**
 * The keys that identify repeats of a request for a code, made from everything that it asks for and an id that nobody
 * else can make.
 */
export const keysOfRequest = (
  config: Config,
  {
    phoneNumber,
    purpose,
    userId,
    clientRequestId,
  }: Record<'phoneNumber' | 'purpose' | 'clientRequestId', string> & { userId: string | null },
) => signatures(config, 'send', ['request', phoneNumber, purpose, userId, clientRequestId.toLowerCase()].join(' '))

/** The keys under which a send to a number (E.164), requested from an address, is counted. */
export function sendKeys(config: Config, phoneNumber: string, ip: string | undefined): SendKeys {
  const { country, callingCode } = countryOf(phoneNumber)
  const { network, site, block } = clientNetworks(ip)
  return {
    number: keysOfNumber(config, phoneNumber),
    prefix: signatures(config, 'send', `prefix ${phoneNumber.slice(0, -subscriberDigits)}`),
    network: signatures(config, 'send', `network ${network}`),
    site: signatures(config, 'send', `site ${site}`),
    block: signatures(config, 'send', `block ${block}`),
    country: country ?? callingCode,
  }
}
