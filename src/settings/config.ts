import { z } from 'zod'
import { limits } from '../core/limits'
import { productionFaults } from './production-faults'
import { defaultHostingAsns, defaultRiskRules, RiskRules } from './risk-rules'
import { SendBudgetFigures } from './send-budgets'
import { TestNumbers } from './test-numbers'
import { userLimits } from './usage-limits'

const secret = z.string().min(32, 'at least 32 characters')
const count = (fallback: number) => z.coerce.number().int().positive().default(fallback)
const seconds = count

const day = 86_400

const list = (text: string) =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')

/** A structured setting: a table in `wrangler.toml`, or the same as JSON, which secrets and the command line use. */
const structured = <S extends z.ZodType>(schema: S) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value
    if (value.trim() === '') return undefined
    try {
      return JSON.parse(value)
    } catch {
      context.addIssue({ code: 'custom', message: 'no JSON' })
      return z.NEVER
    }
  }, schema)

const Countries = z
  .string()
  .default('')
  .transform(list)
  .pipe(z.array(z.string().regex(/^[A-Z]{2}$/, 'two capital letters (ISO 3166-1 alpha-2)')))

const Shared = z.object({
  ENVIRONMENT: z.enum(['production', 'development']),
  JWT_SECRET: secret,
  /** The secret before the last rotation. Tokens and links made with it stay valid until they expire. */
  JWT_SECRET_PREVIOUS: secret.optional(),
  JWT_ISSUER: z.string().min(1).default('big-project'),
  JWT_AUDIENCE: z.string().min(1).default('big-project'),
  /** `*`, or a comma-separated list of origins. */
  CORS_ORIGINS: z.string().default('*').transform(list),
  ACCESS_TOKEN_SECONDS: seconds(600),
  REFRESH_IDLE_SECONDS: seconds(30 * day),
  REFRESH_ABSOLUTE_SECONDS: seconds(400 * day),
  /** The emergency switch: sessions that began before this time are over. One in the future would refuse every sign-in. */
  SESSIONS_NOT_BEFORE: z.iso
    .datetime({ offset: true, error: 'no time such as 2026-11-29T20:00:00Z' })
    .refine((time) => Date.parse(time) <= Date.now(), 'a time in the future')
    .transform((time) => Date.parse(time))
    .default(0),
  /** A number whose account was unused for this long might belong to somebody else by now. */
  ACCOUNT_IDLE_SECONDS: seconds(180 * day),
  /** The channels that the provider is set up for, separated by commas. */
  OTP_CHANNELS: z
    .string()
    .default('sms,call,whatsapp')
    .transform(list)
    .pipe(z.array(z.enum(['sms', 'call', 'whatsapp'])).min(1)),
  /**
   * Where codes are sent, by the country of the number: only to allowed countries, if there are any, and never to
   * denied ones.
   */
  OTP_COUNTRIES_ALLOWED: Countries,
  OTP_COUNTRIES_DENIED: Countries,
  /** Figures that replace those of the table in `send-budgets.ts`. */
  OTP_BUDGETS: structured(SendBudgetFigures.default({})),
  /** A table that replaces the one in `risk-rules.ts`, which defines what a row can contain. */
  OTP_RISK_RULES: structured(RiskRules.default(defaultRiskRules)),
  OTP_HOSTING_ASNS: structured(z.array(z.int().positive()).default(defaultHostingAsns)),
  OTP_TEST_NUMBERS: structured(TestNumbers.default({})),
  /** `off` where every caller has the same address. */
  OTP_SHIELD: z.enum(['on', 'off']).default('on'),
  /** `off` for the rate limits of calls by each network, where every caller has the same address. */
  NETWORK_LIMITS: z.enum(['on', 'off']).default('on'),
  /** `off` for those by each user. */
  USER_LIMITS: z.enum(['on', 'off']).default('on'),
  /**
   * `off` where nobody can prove that they are a person: requests that would need proof pass the risk rules as long as
   * no breaker is near, and are refused by the budgets.
   */
  TURNSTILE: z.enum(['on', 'off']).default('on'),
  /** The hosts whose pages show the widget; any host if there are none. */
  TURNSTILE_HOSTNAMES: z.string().default('').transform(list),
  /** What the widget says that its token is for. */
  TURNSTILE_ACTION: z.string().min(1).default('send-otp'),
  TURNSTILE_SECRET: z
    .string()
    .optional()
    .transform((secret) => secret || undefined),
  TURNSTILE_BASE_URL: z.url().default('https://challenges.cloudflare.com'),
  // `usage-limits.ts` says what these settings count, and the reasons for their defaults.
  LOOKUPS_FIRST: count(userLimits.lookups.settings.LOOKUPS_FIRST),
  /** Not less than one call can ask for; otherwise a large call would be refused forever. */
  LOOKUPS_PER_DAY: z.coerce
    .number()
    .int()
    .min(limits.findContactsMax)
    .default(userLimits.lookups.settings.LOOKUPS_PER_DAY),
  NEW_CHATS_PER_DAY: count(userLimits.newChats.settings.NEW_CHATS_PER_DAY),
  NEW_GROUPS_PER_DAY: count(userLimits.newGroups.settings.NEW_GROUPS_PER_DAY),
  GROUP_ADDS_PER_DAY: count(userLimits.groupAdds.settings.GROUP_ADDS_PER_DAY),
  /** Mailboxes that a group calls in one invocation. The free plan allows 50 calls in all: 40 leaves some for others. */
  GROUP_CALLS_AT_ONCE: count(limits.groupMembersMax),
  GROUP_JOINS_PER_DAY: count(userLimits.groupJoins.settings.GROUP_JOINS_PER_DAY),
  /** Not less than the first message of a stranger can take; otherwise it would wait forever. */
  REQUEST_BYTES_PER_DAY: z.coerce
    .number()
    .int()
    .min(limits.firstMessageBytesMax)
    .default(userLimits.requestsPerDay.settings.REQUEST_BYTES_PER_DAY),
  SENDS_AT_ONCE: count(userLimits.messages.settings.SENDS_AT_ONCE),
  SENDS_PER_MINUTE: count(userLimits.messages.settings.SENDS_PER_MINUTE),
  READ_MARKS_PER_MINUTE: count(userLimits.readMarks.settings.READ_MARKS_PER_MINUTE),
  REPORTS_PER_DAY: count(userLimits.reports.settings.REPORTS_PER_DAY),
  /** How long a report is kept, whatever becomes of the two accounts. */
  REPORT_SECONDS: seconds(180 * day),
  STORAGE_BYTES: count(userLimits.storage.settings.STORAGE_BYTES),
  MAILBOX_BYTES: count(userLimits.mailbox.settings.MAILBOX_BYTES),
})

const Twilio = z.object({
  OTP_PROVIDER: z.literal('twilio'),
  TWILIO_BASE_URL: z.url(),
  TWILIO_ACCOUNT_SID: z.string().min(1),
  TWILIO_AUTH_TOKEN: z.string().min(1),
  TWILIO_VERIFY_SERVICE_SID: z.string().min(1),
})

/** Prints codes instead of sending them, so it exists only in development. */
const Local = z.object({
  OTP_PROVIDER: z.literal('local'),
  ENVIRONMENT: z.literal('development'),
  /** Hosts besides loopback for whose requests codes are printed: names, `*.` and a domain, or `*` for any. */
  OTP_LOCAL_HOSTS: z.string().default('').transform(list),
})

const Config = z
  .intersection(Shared, z.discriminatedUnion('OTP_PROVIDER', [Twilio, Local]))
  .superRefine((config, context) => {
    if (config.ENVIRONMENT !== 'production') return
    for (const { setting, fault } of productionFaults(config))
      context.addIssue({ code: 'custom', path: [setting], message: fault })
  })
export type Config = z.infer<typeof Config>

const parsed = new WeakMap<object, Config>()

/**
 * Returns the settings in `env`, validated once per environment. Throws an error of one line that names what is missing
 * or wrong, and never a value.
 */
export function readConfig(env: object): Config {
  const known = parsed.get(env)
  if (known) return known
  const result = Config.safeParse(env)
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.')} (${issue.message})`)
    throw new Error(`Configuration: ${faults.join(', ')}`)
  }
  parsed.set(env, result.data)
  return result.data
}
