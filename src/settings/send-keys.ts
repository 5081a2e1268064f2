import { clientNetworks, type NetworkScope } from '../core/client-network'
import { countryOf } from '../core/phone'
import { formsOf } from '../core/phone-forms'
import type { Config } from './config'
import { signatures } from './signing'

/**
 * Who is sent a code and who requests it, as keyed fingerprints: each under the current secret first, then under the
 * previous one, and then in the other form of a number that has two.
 */
export interface SendKeys extends Record<NetworkScope, string[]> {
  number: string[]
  prefix: string[]
  /** ISO 3166-1 alpha-2 of the number, or `+` and its calling code if that belongs to no country. */
  country: string
}

const subscriberDigits = 4

/** A number, and the other form in which sends to it may be counted. */
const counted = (phoneNumber: string) => [...new Set([phoneNumber, ...formsOf(phoneNumber)])]

/** The keys under which the sends to a number are counted, in whatever form. */
export const keysOfNumber = (config: Config, phoneNumber: string) =>
  counted(phoneNumber).flatMap((form) => signatures(config, 'send', `number ${form}`))

const prefixKeys = (config: Config, phoneNumber: string) =>
  counted(phoneNumber).flatMap((form) => signatures(config, 'send', `prefix ${form.slice(0, -subscriberDigits)}`))

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
    prefix: prefixKeys(config, phoneNumber),
    network: signatures(config, 'send', `network ${network}`),
    site: signatures(config, 'send', `site ${site}`),
    block: signatures(config, 'send', `block ${block}`),
    country: country ?? callingCode,
  }
}
