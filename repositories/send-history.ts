import { limits } from '../src/core/limits'
import type { Send } from './send'

/** What past sends say about one more. */
export interface SendHistory {
  /** Whether this network has signed in with the number. */
  isKnown: boolean
  /** Whether anyone has signed in with a number that differs in at most the last four digits. */
  isPrefixProven: boolean
  /** Sends of the last day to such numbers whose ten minutes have passed, and how many of them were approved. */
  prefixSends: number
  prefixApproved: number
  /** Sends to the country in the last ten minutes that have not been approved yet. */
  countryPending: number
}

type HistoryRow = {
  is_known: number
  is_prefix_proven: number
  prefix_sends: number
  prefix_approved: number
  country_pending: number
}

export async function get(db: D1Database, { keys, now }: Pick<Send, 'keys' | 'now'>): Promise<SendHistory> {
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
