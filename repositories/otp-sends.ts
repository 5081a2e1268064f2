import type { Channel } from '../schemas/authentication'
import { firstIdAt } from '../src/core/ids'
import { limits } from '../src/core/limits'
import { d1WriteRetries, retry } from '../src/core/retry'
import {
  isBreaker,
  type SendBudget,
  type SendBudgetName,
  type SendBudgets,
  type TrustLevel,
  trustRank,
} from '../src/settings/send-budgets'
import type { SendKeys } from '../src/settings/send-keys'

export interface Send {
  /** The verification's. */
  id: string
  keys: SendKeys
  channel: Channel
  trust: TrustLevel
  /** Of the client's own id of the request; the present one first. None where it gave none. */
  requestKeys: string[]
  /** Epoch milliseconds. */
  now: number
}

interface SqlFragment {
  text: string
  values: (string | number)[]
}

const scopes: Record<SendBudget['scope'], (keys: SendKeys) => SqlFragment> = {
  number: ({ number }) => keyed('number_key', number),
  prefix: ({ prefix }) => keyed('prefix_key', prefix),
  network: ({ network }) => keyed('network_key', network),
  country: ({ country }) => ({ text: 'country = ?', values: [country] }),
  service: () => ({ text: '1', values: [] }),
}

const keyed = (column: string, keys: string[]): SqlFragment => ({
  text: `${column} IN (SELECT value FROM json_each(?))`,
  values: [JSON.stringify(keys)],
})

/** When the last send was made that must leave the window before one more fits; null while one more fits. */
function lastBlockingSend(
  { scope, windowSeconds, counts, channel }: SendBudget,
  max: number,
  { keys, now }: Send,
): SqlFragment {
  const within = scopes[scope](keys)
  const conditions = [
    within.text,
    'sent_at > ?',
    ...(counts === 'unapproved' ? ['approved_at IS NULL'] : []),
    ...(channel ? [`channel = '${channel}'`] : []),
  ]
  return {
    text: `(SELECT sent_at FROM otp_sends WHERE ${conditions.join(' AND ')} ORDER BY sent_at DESC LIMIT 1 OFFSET ?)`,
    values: [...within.values, now - windowSeconds * 1000, max - 1],
  }
}

/**
 * When the next code may follow the last ones that nobody has given back; null when there are none. Only sends to who is
 * known as well are looked at: a stranger's do not keep the owner of a number waiting.
 */
function cooldownUntil({ keys, trust, now }: Send): SqlFragment {
  const number = JSON.stringify(keys.number)
  const own = 'number_key IN (SELECT value FROM json_each(?))'
  // By the number of such sends; after none there is no last one to add to.
  const steps = [0, ...limits.otpCooldownSeconds].map((seconds) => seconds * 1000)
  return {
    text: `(SELECT max(sent_at) + json_extract(?, '$[' || CAST(min(count(*), ?) AS INTEGER) || ']') FROM otp_sends
      WHERE ${own} AND trust >= ? AND approved_at IS NULL AND sent_at > ? AND sent_at >=
        coalesce((SELECT max(sent_at) FROM otp_sends WHERE ${own} AND approved_at IS NOT NULL), 0))`,
    values: [
      JSON.stringify(steps),
      steps.length - 1,
      number,
      trustRank(trust),
      now - limits.otpRecordSeconds * 1000,
      number,
    ],
  }
}

/**
 * What keeps the next code from being sent, and until when (epoch milliseconds). `cooldownUntil` is null when there is no
 * cooldown; `budgets` holds only those that are exhausted.
 */
export interface SendAvailability {
  cooldownUntil: number | null
  budgets: Partial<Record<SendBudgetName, number>>
}

/** The budgets that concern a trust, each with its figure. */
const figuresOf = (budgets: SendBudgets, trust: TrustLevel) =>
  (Object.keys(budgets) as SendBudgetName[]).flatMap((name) => {
    const max = budgets[name].max[trust]
    return max === null ? [] : [{ name, max, budget: budgets[name] }]
  })

function availabilityQuery(db: D1Database, send: Send, budgets: SendBudgets) {
  const cooldown = cooldownUntil(send)
  const figures = figuresOf(budgets, send.trust).map(({ name, max, budget }) => ({
    name,
    ...lastBlockingSend(budget, max, send),
  }))
  const columns = [`${cooldown.text} AS cooldown`, ...figures.map(({ name, text }) => `${text} AS ${name}`)]
  return db.prepare(`SELECT ${columns.join(', ')}`).bind(...cooldown.values, ...figures.flatMap(({ values }) => values))
}

/** The budgets that have no room for a code over this channel. */
export const exhaustedBudgets = (availability: SendAvailability, budgets: SendBudgets, channel: Channel) =>
  (Object.keys(availability.budgets) as SendBudgetName[]).filter(
    (name) => (budgets[name].channel ?? channel) === channel,
  )

type AvailabilityRow = Partial<Record<SendBudgetName, number | null>> & { cooldown: number | null }

function toAvailability({ cooldown, ...row }: AvailabilityRow, budgets: SendBudgets, now: number): SendAvailability {
  const names = (Object.keys(row) as SendBudgetName[]).filter((name) => row[name] !== null)
  return {
    cooldownUntil: cooldown !== null && cooldown > now ? cooldown : null,
    budgets: Object.fromEntries(names.map((name) => [name, (row[name] ?? 0) + budgets[name].windowSeconds * 1000])),
  }
}

/** What keeps a send from being made, without charging it. */
export async function availability(db: D1Database, send: Send, budgets: SendBudgets): Promise<SendAvailability> {
  const { results } = await availabilityQuery(db, send, budgets).all<AvailabilityRow>()
  return toAvailability(results[0] ?? { cooldown: null }, budgets, send.now)
}

/** The statement that charges a send to every budget or to none. It charges a send once, however often it is made. */
function insertion(db: D1Database, send: Send, budgets: SendBudgets) {
  const { id, keys, channel, trust, requestKeys, now } = send
  const cooldown = cooldownUntil(send)
  const bounds = figuresOf(budgets, trust)
    .filter(({ budget }) => !budget.channel || budget.channel === channel)
    .map(({ max, budget }) => lastBlockingSend(budget, max, send))
  const conditions = [`coalesce(${cooldown.text}, 0) <= ?`, ...bounds.map(({ text }) => `${text} IS NULL`)]
  const [number = '', prefix = '', network = ''] = [keys.number[0], keys.prefix[0], keys.network[0]]
  return db
    .prepare(
      `INSERT OR IGNORE INTO otp_sends (id, number_key, prefix_key, network_key, country, channel, trust, request_key, sent_at)
       SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE ${conditions.join(' AND ')}`,
    )
    .bind(
      ...[id, number, prefix, network, keys.country, channel, trustRank(trust), requestKeys[0] ?? null, now],
      ...[...cooldown.values, now],
      ...bounds.flatMap(({ values }) => values),
    )
}

/** The rows of the breakers that may ask for proof of this send. */
const breakerRows = (budgets: SendBudgets, { country }: SendKeys) =>
  (Object.keys(budgets) as SendBudgetName[])
    .filter((name) => isBreaker(budgets[name]))
    .map((name) => ({ name, row: budgets[name].scope === 'country' ? `${name} ${country}` : name }))

/**
 * Charges a send to every budget, if all have room and the cooldown is over; otherwise to none. `availability` is that of
 * the next send, or of this one if it was not charged. `recovered` names the breakers that let it pass again.
 */
export async function charge(db: D1Database, send: Send, budgets: SendBudgets) {
  const { id, keys, trust, now } = send
  const recovering = trust === 'unknown' ? breakerRows(budgets, keys).map(({ row }) => row) : []
  const statements = [
    db
      .prepare('DELETE FROM otp_sends WHERE id IN (SELECT id FROM otp_sends WHERE id < ? LIMIT ?)')
      .bind(firstIdAt('verification', now - limits.otpRecordSeconds * 1000), limits.otpRowsPurgedAtOnce),
    insertion(db, send, budgets),
    db.prepare('SELECT id AS name FROM otp_sends WHERE id = ?').bind(id),
    db
      .prepare(
        `DELETE FROM tripped_breakers WHERE name IN (SELECT value FROM json_each(?))
           AND EXISTS (SELECT 1 FROM otp_sends WHERE id = ?) RETURNING name`,
      )
      .bind(JSON.stringify(recovering), id),
    availabilityQuery(db, send, budgets),
  ]
  const results = await retry(() => db.batch<AvailabilityRow & { name: string }>(statements), d1WriteRetries)
  const [charged, recovered, found] = results.slice(2)
  return {
    isCharged: (charged?.results.length ?? 0) > 0,
    recovered: (recovered?.results ?? []).map(({ name }) => name),
    availability: toAvailability(found?.results[0] ?? { cooldown: null }, budgets, now),
  }
}

/** Whether a send of the same request is charged, and so may be in progress. */
export async function isInProgress(db: D1Database, { keys, requestKeys, now }: Omit<Send, 'trust'>): Promise<boolean> {
  if (requestKeys.length === 0) return false
  const row = await db
    .prepare(
      `SELECT 1 FROM otp_sends WHERE number_key IN (SELECT value FROM json_each(?)) AND sent_at > ?
         AND request_key IN (SELECT value FROM json_each(?)) AND approved_at IS NULL`,
    )
    .bind(JSON.stringify(keys.number), now - limits.otpLifetimeSeconds * 1000, JSON.stringify(requestKeys))
    .first()
  return row !== null
}

/** Gives a send back to every budget, because nothing was sent. */
export const refund = (db: D1Database, id: string) =>
  retry(() => db.prepare('DELETE FROM otp_sends WHERE id = ?').bind(id).run(), d1WriteRetries)

// Below every rank, so that no cooldown counts it.
const outcomeUnknown = -1

/** Of a send whose outcome nobody knows: the budgets count it, because it may cost, but it keeps nobody waiting. */
export const markOutcomeUnknown = (db: D1Database, id: string) =>
  retry(
    () => db.prepare('UPDATE otp_sends SET trust = ?, request_key = NULL WHERE id = ?').bind(outcomeUnknown, id).run(),
    d1WriteRetries,
  )

/** Notes that breakers ask for proof from now on. Answers with those that did not before. */
export async function tripBreakers(
  db: D1Database,
  keys: SendKeys,
  budgets: SendBudgets,
  names: SendBudgetName[],
  now: number,
): Promise<string[]> {
  if (names.length === 0) return []
  const rows = breakerRows(budgets, keys).filter(({ name }) => names.includes(name))
  const { results } = await db
    .prepare(
      `INSERT INTO tripped_breakers (name, tripped_at) SELECT value, ? FROM json_each(?) WHERE true
       ON CONFLICT DO NOTHING RETURNING name`,
    )
    .bind(now, JSON.stringify(rows.map(({ row }) => row)))
    .all<{ name: string }>()
  return results.map(({ name }) => name)
}

/** What the sends so far say of one more. */
export interface SendHistory {
  /** Whether this network has signed in with the number. */
  isKnown: boolean
  /** Whether anybody has signed in with a number that differs in the last four digits at most. */
  isPrefixProven: boolean
  /** Sends of a day to such numbers whose ten minutes are over, and how many of them were approved. */
  prefixSends: number
  prefixApproved: number
  /** Sends to the country in the last ten minutes that nobody has approved yet. */
  countryPending: number
}

type HistoryRow = {
  is_known: number
  is_prefix_proven: number
  prefix_sends: number
  prefix_approved: number
  country_pending: number
}

export async function history(db: D1Database, { keys, now }: Pick<Send, 'keys' | 'now'>): Promise<SendHistory> {
  const [number, prefix, network] = [keys.number, keys.prefix, keys.network].map((key) => JSON.stringify(key))
  const dayAgo = now - limits.otpRecordSeconds * 1000
  const over = now - limits.otpLifetimeSeconds * 1000
  const knownSince = now - limits.networkKnownSeconds * 1000
  const row = await db
    .prepare(
      `SELECT
         EXISTS (SELECT 1 FROM known_networks WHERE number_key IN (SELECT value FROM json_each(?1))
           AND network_key IN (SELECT value FROM json_each(?3)) AND proven_at > ?6) AS is_known,
         EXISTS (SELECT 1 FROM known_networks WHERE prefix_key IN (SELECT value FROM json_each(?2))) AS is_prefix_proven,
         count(*) AS prefix_sends, count(approved_at) AS prefix_approved,
         (SELECT count(*) FROM (SELECT 1 FROM otp_sends WHERE country = ?7 AND approved_at IS NULL AND sent_at > ?5
           LIMIT ?8)) AS country_pending
       FROM otp_sends WHERE prefix_key IN (SELECT value FROM json_each(?2)) AND sent_at > ?4 AND sent_at <= ?5`,
    )
    .bind(number, prefix, network, dayAgo, over, knownSince, keys.country, limits.otpPendingCounted)
    .first<HistoryRow>()
  return {
    isKnown: row?.is_known === 1,
    isPrefixProven: row?.is_prefix_proven === 1,
    prefixSends: row?.prefix_sends ?? 0,
    prefixApproved: row?.prefix_approved ?? 0,
    countryPending: row?.country_pending ?? 0,
  }
}

/** The statements that note that the code was given back: its sends count as approved, the network as one of the number's. */
export function approvalStatements(db: D1Database, keys: SendKeys, now: number): D1PreparedStatement[] {
  const [number = '', prefix = '', network = ''] = [keys.number[0], keys.prefix[0], keys.network[0]]
  return [
    db
      .prepare(
        `UPDATE otp_sends SET approved_at = ? WHERE number_key IN (SELECT value FROM json_each(?))
           AND approved_at IS NULL AND sent_at > ?`,
      )
      .bind(now, JSON.stringify(keys.number), now - limits.otpLifetimeSeconds * 1000),
    db
      .prepare(
        `INSERT INTO known_networks (number_key, network_key, prefix_key, proven_at) VALUES (?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET proven_at = excluded.proven_at`,
      )
      .bind(number, network, prefix, now),
    db
      .prepare(
        `DELETE FROM known_networks WHERE number_key = ?1 AND network_key NOT IN (
           SELECT network_key FROM known_networks WHERE number_key = ?1 ORDER BY proven_at DESC LIMIT ?2)`,
      )
      .bind(number, limits.networksKnownMax),
    db
      .prepare(
        `DELETE FROM known_networks WHERE (number_key, network_key) IN (
           SELECT number_key, network_key FROM known_networks WHERE proven_at < ? LIMIT ?)`,
      )
      .bind(now - limits.networkKnownSeconds * 1000, limits.otpRowsPurgedAtOnce),
  ]
}

/** Forgets which networks have signed in with a number, as it is somebody else's to give away now. */
export const forgetNetworks = (db: D1Database, numberKeys: string[]) =>
  db
    .prepare('DELETE FROM known_networks WHERE number_key IN (SELECT value FROM json_each(?))')
    .bind(JSON.stringify(numberKeys))
    .run()
