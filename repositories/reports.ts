import type { Report, ReportReason } from '../schemas/report'
import { mintId } from '../src/core/ids'
import type { ReportEvidence } from '../src/core/report-evidence'
import { toTimestamp } from '../src/core/timestamp'

/**
 * Reports by users about others, for the owner of the app. A report exists only while the reported user does: it is
 * deleted when they leave. When its reporter leaves, everything that they wrote is deleted.
 */
type ReportRow = {
  id: string
  reported_id: string
  reason: ReportReason
  comment: string | null
  message_ids: string
  created_at: number
}

const dayMs = 86_400_000

const idsOf = `(SELECT json_group_array(value ->> 'id') FROM json_each(evidence))`
const columns = `id, reported_id, reason, comment, ${idsOf} AS message_ids, created_at`

const toReport = (row: ReportRow): Report => ({
  id: row.id,
  userId: row.reported_id,
  reason: row.reason,
  comment: row.comment,
  messageIds: JSON.parse(row.message_ids),
  createdAt: toTimestamp(row.created_at),
})

export interface Submission {
  reporterId: string
  reportedId: string
  reason: ReportReason
  comment: string | null
  evidence: ReportEvidence[]
}

/**
 * The report and whether it is new; or when one more can be filed (epoch milliseconds); or null if one of the two users
 * is gone.
 */
export type Filed = { report: Report; created: boolean } | { freeAt: number } | null

/**
 * Files a report once: an identical one within a day returns the existing report. Beyond `perDay` others in a day, it
 * is refused.
 */
export async function file(
  db: D1Database,
  { reporterId, reportedId, reason, comment, evidence }: Submission,
  perDay: number,
  now: number,
): Promise<Filed> {
  const id = mintId('report', now)
  const since = now - dayMs
  const sorted = evidence.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const ids = JSON.stringify(sorted.map((message) => message.id))
  const content = [reporterId, reportedId, reason, comment, ids, since]
  const same = `reporter_id = ?1 AND reported_id = ?2 AND reason = ?3 AND comment IS ?4 AND ${idsOf} = ?5 AND created_at > ?6`
  const [, found, others] = await db.batch<ReportRow>([
    db
      .prepare(
        `INSERT INTO reports (id, reporter_id, reported_id, reason, comment, evidence, created_at)
         SELECT ?7, ?1, ?2, ?3, ?4, ?8, ?9
         WHERE NOT EXISTS (SELECT 1 FROM reports WHERE ${same})
           AND (SELECT count(*) FROM reports WHERE reporter_id = ?1 AND created_at > ?6) < ?10
           AND (SELECT count(*) FROM users WHERE id IN (?1, ?2)) = 2`,
      )
      .bind(...content, id, JSON.stringify(sorted), now, perDay),
    db.prepare(`SELECT ${columns} FROM reports WHERE ${same} ORDER BY created_at DESC LIMIT 1`).bind(...content),
    db
      .prepare(
        `SELECT ${columns} FROM reports WHERE reporter_id = ? AND created_at > ? ORDER BY created_at DESC LIMIT 1 OFFSET ?`,
      )
      .bind(reporterId, since, perDay - 1),
  ])
  const [row] = found?.results ?? []
  if (row) return { report: toReport(row), created: row.id === id }
  const [oldest] = others?.results ?? []
  return oldest ? { freeAt: oldest.created_at + dayMs } : null
}

/** Lists a user's own reports after `after`, ordered by id. */
export async function listBy(db: D1Database, reporterId: string, after: string | null, limit: number) {
  const { results } = await db
    .prepare(`SELECT ${columns} FROM reports WHERE reporter_id = ? AND id > ? ORDER BY id LIMIT ?`)
    .bind(reporterId, after ?? '', limit)
    .all<ReportRow>()
  return { items: results.map(toReport), next: results.length === limit ? (results.at(-1)?.id ?? null) : null }
}

/** The statements for the transaction that erases a user. */
export const erasing = (db: D1Database, userId: string) => [
  db.prepare('DELETE FROM reports WHERE reported_id = ?').bind(userId),
  db
    .prepare(
      `UPDATE reports SET reporter_id = NULL, comment = NULL, evidence =
         (SELECT json_group_array(json(value)) FROM json_each(evidence) WHERE value ->> 'senderId' <> ?1)
       WHERE reporter_id = ?1`,
    )
    .bind(userId),
]
