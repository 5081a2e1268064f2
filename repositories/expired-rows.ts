import { firstIdAt } from '../src/core/ids'
import { limits } from '../src/core/limits'

/** Rows that time alone makes worthless: which, by an index, and how to delete a slice of them. */
interface ExpiredRows {
  table: string
  key: string
  /** An indexed condition with one parameter. */
  condition: string
  /** The parameter at `now` (epoch milliseconds). `reportSeconds` is how long a report is kept. */
  before: (now: number, reportSeconds: number) => string | number
}

const oldVerification = (now: number) => firstIdAt('verification', now - limits.otpRecordSeconds * 1000)

// The key of each names its table's rows; ids sort by time.
const expiredRows: ExpiredRows[] = [
  { table: 'otp_checks', key: 'id', condition: 'id < ?', before: oldVerification },
  { table: 'verifications', key: 'id', condition: 'id < ?', before: oldVerification },
  { table: 'otp_sends', key: 'id', condition: 'id < ?', before: oldVerification },
  {
    table: 'otp_challenges',
    key: 'phone_number',
    condition: 'expires_at < ?',
    before: (now) => now - limits.otpLifetimeSeconds * 1000,
  },
  {
    table: 'known_networks',
    key: 'number_key, network_key',
    condition: 'proven_at < ?',
    before: (now) => now - limits.networkKnownSeconds * 1000,
  },
  {
    table: 'reports',
    key: 'id',
    condition: 'id < ?',
    before: (now, reportSeconds) => firstIdAt('report', now - reportSeconds * 1000),
  },
  {
    table: 'reported_messages',
    key: 'report_id, message_id',
    condition: 'reported_at < ?',
    before: (now, reportSeconds) => now - reportSeconds * 1000,
  },
]

/** The tables that hold such rows. */
export const tables = expiredRows.map(({ table }) => table)

/** Deletes up to a slice of a table's expired rows. Returns how many it deleted. */
export async function deleteSlice(db: D1Database, table: string, now: number, reportSeconds: number): Promise<number> {
  const rows = expiredRows.find((one) => one.table === table)
  if (!rows) throw new Error(`No rows of ${table} expire`)
  const { key, condition, before } = rows
  const { meta } = await db
    .prepare(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ${limits.expiredRowsAtOnce})`,
    )
    .bind(before(now, reportSeconds))
    .run()
  return meta.changes
}
