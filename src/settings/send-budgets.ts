import { z } from 'zod'

/**
 * How much is known of who asks for a code: nothing; that it is a person, by a Turnstile token; that it is a network which
 * has signed in with this number. Stored as the index.
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
  /** Whose sends are counted: the number's, those of the number without its last four digits, the network's, of the number's country, all. */
  scope: 'number' | 'prefix' | 'network' | 'country' | 'service'
  windowSeconds: number
  /** `unapproved`: those whose code nobody has given back, yet or for good. */
  counts: 'sends' | 'unapproved'
  /** Sends of this kind alone are counted, and held up. */
  channel?: 'call'
  /** How many there may be in the window for the next to be sent, by what is known of who asks; null for any. */
  max: Record<TrustLevel, number | null>
}

const hour = 3_600
const day = 86_400

/** Every budget of sends. A send takes from all of them or from none; the windows slide. */
const defaults = {
  // Half is kept for who has signed in from this network before, and some of that half from those who prove to be people:
  // who only knows a number cannot use it up.
  numberPerDay: {
    scope: 'number',
    windowSeconds: day,
    counts: 'sends',
    max: { unknown: 5, person: 7, known: 10 },
  },
  // A call costs several times a text, and rings at night.
  callsPerDay: {
    scope: 'number',
    windowSeconds: day,
    counts: 'sends',
    channel: 'call',
    max: { unknown: 2, person: 3, known: 5 },
  },
  // Ten thousand subscribers. Fraud walks through the numbers of one block; people of one block come one by one.
  prefixPerDay: {
    scope: 'prefix',
    windowSeconds: day,
    counts: 'sends',
    max: { unknown: 30, person: 300, known: 1_000 },
  },
  // A household, an office or a carrier's shared address. Those who read their code do not count, so it may be large.
  networkPerHour: {
    scope: 'network',
    windowSeconds: hour,
    counts: 'unapproved',
    max: { unknown: 10, person: 50, known: 150 },
  },
  networkPerDay: {
    scope: 'network',
    windowSeconds: day,
    counts: 'unapproved',
    max: { unknown: 30, person: 150, known: 500 },
  },
  // Breakers: one in ten honest codes is never given back, so these carry about 1,000 and 2,500 sign-ins an hour.
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
  // What a day of fraud can cost at most: a thousand texts, ten thousand for who buys tokens besides, and more only for who
  // has signed in with thousands of numbers of their own, so what is left is for the people who have an account.
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

/** Figures that an owner sets in place of the table's, by the name of the budget. */
export const SendBudgetFigures = z.partialRecord(z.enum(sendBudgetNames), Figures)

export const sendBudgets = (figures: z.infer<typeof SendBudgetFigures>): SendBudgets => {
  const entries = Object.entries(defaults).map(([name, budget]) => [
    name,
    { ...budget, max: figures[name as SendBudgetName] ?? budget.max },
  ])
  return Object.fromEntries(entries)
}

/** Budgets that ask for proof before they refuse, as they are shared by people who have nothing to do with each other. */
export const isBreaker = ({ scope }: SendBudget) => scope === 'country' || scope === 'service'
