import { z } from 'zod'
import type { NetworkScope } from '../core/client-network'
import { limits } from '../core/limits'

/**
 * How much is known about whoever requests a code: nothing; that they are a person, by a Turnstile token; that their
 * network has signed in with this number. Stored as the rank, which is the index.
 */
export const trustLevels = ['unknown', 'person', 'known'] as const
export type TrustLevel = (typeof trustLevels)[number]

export const trustRank = (trust: TrustLevel) => trustLevels.indexOf(trust)

const figure = z.int().positive().nullable()
const any = Number.POSITIVE_INFINITY
const Figures = z
  .strictObject({ unknown: figure, person: figure, known: figure })
  .refine(({ unknown, person, known }) => (unknown ?? any) <= (person ?? any) && (person ?? any) <= (known ?? any), {
    error: 'who is better known may not be sent fewer',
  })

export interface SendBudget {
  /**
   * Which sends are counted: to the number, to the number without its last four digits, from the network (by three
   * sizes, see `clientNetworks`), to the number's country, or all.
   */
  scope: 'number' | 'prefix' | NetworkScope | 'country' | 'service'
  windowSeconds: number
  /** `unapproved`: those whose code was not entered, or has not been entered yet. */
  counts: 'sends' | 'unapproved'
  /** Only sends over this channel are counted and refused. */
  channel?: 'call'
  /** How many fit into the window, by trust level; null for no limit. */
  max: Record<TrustLevel, number | null>
}

const hour = 3_600
const day = 86_400

/** Every send budget. A send is charged to all of them or to none; the windows slide. */
const defaults = {
  // Half is reserved for those who have signed in from this network before, and some of that half for those who prove
  // that they are people: knowing a number is not enough to exhaust its budget.
  numberPerDay: {
    scope: 'number',
    windowSeconds: day,
    counts: 'sends',
    max: { unknown: 5, person: 7, known: 10 },
  },
  // A call costs several times as much as a text, and rings at night.
  callsPerDay: {
    scope: 'number',
    windowSeconds: day,
    counts: 'sends',
    channel: 'call',
    max: { unknown: 2, person: 3, known: 5 },
  },
  // Ten thousand subscribers. Fraud enumerates the numbers of one block; the people of one block come one by one.
  prefixPerDay: {
    scope: 'prefix',
    windowSeconds: day,
    counts: 'sends',
    max: { unknown: 30, person: 300, known: 1_000 },
  },
  // A household, an office, or a carrier's shared address. Those who enter their code do not count, so it can be large.
  networkPerHour: {
    scope: 'network',
    windowSeconds: hour,
    counts: 'unapproved',
    max: { unknown: 10, person: 40, known: 60 },
  },
  networkPerDay: {
    scope: 'network',
    windowSeconds: day,
    counts: 'unapproved',
    max: { unknown: 30, person: 120, known: 200 },
  },
  // What a provider assigns to one customer: 256 /64 networks.
  sitePerHour: {
    scope: 'site',
    windowSeconds: hour,
    counts: 'unapproved',
    max: { unknown: 15, person: 45, known: 70 },
  },
  sitePerDay: {
    scope: 'site',
    windowSeconds: day,
    counts: 'unapproved',
    max: { unknown: 45, person: 135, known: 250 },
  },
  // What anybody gets for the asking, with 65,536 /64 networks. However well known, it stays below what trips a breaker.
  blockPerHour: {
    scope: 'block',
    windowSeconds: hour,
    counts: 'unapproved',
    max: { unknown: 25, person: 50, known: 75 },
  },
  blockPerDay: {
    scope: 'block',
    windowSeconds: day,
    counts: 'unapproved',
    max: { unknown: 75, person: 150, known: 300 },
  },
  // Breakers: one in ten honest codes is never entered, so these allow about 1,000 and 2,500 sign-ins per hour.
  countryPerHour: {
    scope: 'country',
    windowSeconds: hour,
    counts: 'unapproved',
    max: { unknown: 100, person: 1_000, known: 4_000 },
  },
  countryPerDay: {
    scope: 'country',
    windowSeconds: day,
    counts: 'unapproved',
    max: { unknown: 400, person: 4_000, known: 16_000 },
  },
  servicePerHour: {
    scope: 'service',
    windowSeconds: hour,
    counts: 'unapproved',
    max: { unknown: 250, person: 2_500, known: 10_000 },
  },
  // The most that a day of fraud can cost: a thousand texts, ten thousand for those who also buy tokens, and more only
  // for those who have signed in with thousands of their own numbers. The rest is for people who have an account.
  servicePerDay: {
    scope: 'service',
    windowSeconds: day,
    counts: 'unapproved',
    max: { unknown: 1_000, person: 10_000, known: 40_000 },
  },
} as const satisfies Record<string, SendBudget>

export type SendBudgetName = keyof typeof defaults
export type SendBudgets = Record<SendBudgetName, SendBudget>

export const sendBudgetNames = Object.keys(defaults) as SendBudgetName[]

/** Figures that an owner sets to replace the table's, by budget name. */
export const SendBudgetFigures = z.partialRecord(z.enum(sendBudgetNames), Figures)

export const sendBudgets = (figures: z.infer<typeof SendBudgetFigures>): SendBudgets => {
  const entries = Object.entries(defaults).map(([name, budget]) => [
    name,
    { ...budget, max: figures[name as SendBudgetName] ?? budget.max },
  ])
  return Object.fromEntries(entries)
}

/**
 * Whether a budget asks for proof before it refuses, because people who have nothing to do with each other share it.
 */
export const isBreaker = ({ scope }: SendBudget) => scope === 'country' || scope === 'service'

/** The breakers, each with the share of its figure from which on it counts as near. Nothing else is limited. */
export const nearBreakers = (budgets: SendBudgets): SendBudgets => {
  const near = ({ unknown }: SendBudget['max']) =>
    unknown === null ? null : Math.ceil(unknown * limits.breakerNearShare)
  const entries = Object.entries(budgets).map(([name, budget]) => [
    name,
    { ...budget, max: { ...budget.max, unknown: isBreaker(budget) ? near(budget.max) : null } },
  ])
  return Object.fromEntries(entries)
}
