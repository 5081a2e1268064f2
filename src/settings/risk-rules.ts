import { z } from 'zod'

/** What is known about a request for a code before anything is sent. */
export interface RiskSignals {
  /** ISO 3166-1 alpha-2 of the number; null for a number of no country, such as a satellite number. */
  numberCountry: string | null
  /** ISO 3166-1 alpha-2 of the address, `T1` for Tor; null if the edge does not provide it. */
  addressCountry: string | null
  /** The autonomous system of the address; null if the edge does not provide it. */
  asn: number | null
  isPrefixProven: boolean
  prefixSends: number
  prefixApproved: number
  countryPending: number
}

export const riskActions = ['allow', 'challenge', 'refuse'] as const

/** One row: if all the conditions that it names are met, its action is taken. */
const RiskRule = z.strictObject({
  /** The number belongs to no country. */
  noCountry: z.boolean().optional(),
  /** The address is in another country than the number. Neither true nor false if one of them is unknown. */
  abroad: z.boolean().optional(),
  /** The address belongs to a hosting company (`OTP_HOSTING_ASNS`), where there are no phones. */
  hosting: z.boolean().optional(),
  tor: z.boolean().optional(),
  /** Nobody has signed in yet with a number that differs in at most the last four digits. */
  newPrefix: z.boolean().optional(),
  /** At least this many codes were sent to the country in the last ten minutes and have not been entered. */
  countryPendingMin: z.int().positive().optional(),
  /**
   * At least `sendsMin` codes were sent to such numbers in a day, and a share of less than `shareBelow` of them was
   * entered.
   */
  prefixApproval: z.strictObject({ sendsMin: z.int().positive(), shareBelow: z.number().positive().max(1) }).optional(),
  action: z.enum(riskActions),
})
type RiskRule = z.infer<typeof RiskRule>

export const RiskRules = z.array(RiskRule)

/** The table, read from the top: the first row that matches decides, and a request that matches none is allowed. */
export const defaultRiskRules: RiskRule[] = [
  // Satellite and "international network" numbers cost dollars per text, and are how fraud makes its money.
  { noCountry: true, action: 'refuse' },
  // A script on rented machines that enumerates a block of numbers whose codes are never read.
  { hosting: true, abroad: true, prefixApproval: { sendsMin: 10, shareBelow: 0.2 }, action: 'refuse' },
  // People do sign in through a VPN, but not many.
  { hosting: true, action: 'challenge' },
  { tor: true, action: 'challenge' },
  // A traveler, or somebody who sells texts to another country.
  { abroad: true, newPrefix: true, action: 'challenge' },
  { prefixApproval: { sendsMin: 10, shareBelow: 0.2 }, action: 'challenge' },
  // A burst in a country, to numbers that nobody has signed in with.
  { countryPendingMin: 50, newPrefix: true, action: 'challenge' },
]

/**
 * Autonomous systems of large hosting companies (AWS, Google Cloud, Azure, DigitalOcean, OVH, Hetzner, Akamai Linode,
 * Vultr, Alibaba, Tencent, Oracle, Contabo, Leaseweb, Scaleway, M247, Datacamp).
 */
export const defaultHostingAsns = [
  16509, 14618, 396982, 8075, 14061, 16276, 24940, 63949, 20473, 45102, 37963, 132203, 31898, 51167, 60781, 12876, 9009,
  212238,
]

/** Whether a row matches. An unknown signal satisfies neither a condition nor its opposite. */
function matches(rule: RiskRule, signals: RiskSignals, hostingAsns: readonly number[]): boolean {
  const { numberCountry, addressCountry, asn, prefixSends, prefixApproved } = signals
  const isTor = addressCountry === 'T1'
  const isAbroad = numberCountry && addressCountry && !isTor ? numberCountry !== addressCountry : null
  const approval = rule.prefixApproval
  const agrees = (wanted: boolean | undefined, is: boolean | null) => wanted === undefined || wanted === is
  return (
    agrees(rule.noCountry, numberCountry === null) &&
    agrees(rule.abroad, isAbroad) &&
    agrees(rule.hosting, asn === null ? null : hostingAsns.includes(asn)) &&
    agrees(rule.tor, addressCountry === null ? null : isTor) &&
    agrees(rule.newPrefix, !signals.isPrefixProven) &&
    signals.countryPending >= (rule.countryPendingMin ?? 0) &&
    (!approval || (prefixSends >= approval.sendsMin && prefixApproved < approval.shareBelow * prefixSends))
  )
}

/** Returns what the table says about a request, and which row decided (from 1; 0 if none matches). */
export function assessRisk(rules: RiskRule[], signals: RiskSignals, hostingAsns: readonly number[]) {
  const at = rules.findIndex((rule) => matches(rule, signals, hostingAsns))
  return { action: rules[at]?.action ?? 'allow', row: at + 1 } as const
}
