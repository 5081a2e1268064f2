import type { Report, ReportReason } from '../schemas/report'
import { firstIdAt, mintId } from '../src/core/ids'
import { limits } from '../src/core/limits'
import type { ReportEvidence } from '../src/core/report-evidence'
import { toTimestamp } from '../src/core/timestamp'

/**
 * Reports by users about others, for the owner of the app. A message is copied once for each reporter, however many of
 * their reports name it. When the reported user leaves, a report keeps a keyed hash of their number; when its reporter
 * leaves, everything that they wrote is deleted.
 */
type ReportRow = {
  id: string
  reported_id: string | null
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

const bytesOf = (text: string) => Buffer.byteLength(text)

/** What a reference to a copy takes, in JSON. */
const referenceBytes = bytesOf(JSON.stringify({ id: firstIdAt('message', 0), copyIn: firstIdAt('report', 0) }))
/** What the rows of a report and of a copy take besides their texts, with their places in the indexes. */
const reportRowBytes = 512
const copyRowBytes = 320

/** The beginning of a text: at most 4,000 characters, and no more bytes than given. */
function textBegins(text: string, bytesMax: number): string {
  const characters = [...text].slice(0, limits.reportTextCharactersMax)
  let bytes = 0
  const end = characters.findIndex((character) => {
    bytes += bytesOf(character)
    return bytes > bytesMax
  })
  return (end < 0 ? characters : characters.slice(0, end)).join('')
}

/**
 * The messages as they are copied, with the bytes that each copy takes: in order, as much of each text as fits into the
 * report, while the texts after it keep their least. Metadata is copied as a whole, if there is room for it then.
 */
function toCopies(evidence: ReportEvidence[], reporterId: string, fixedBytes: number) {
  const fileIds = evidence.map((message) => JSON.stringify(message.fileIds))
  let left = limits.reportBytesMax - fixedBytes - fileIds.reduce((sum, ids) => sum + bytesOf(ids) + copyRowBytes, 0)
  return evidence.map(({ senderId, text, metadata, fileIds: _, ...message }, place) => {
    const laterMin = (evidence.length - place - 1) * limits.reportTextBytesMin
    const copied = textBegins(text, Math.max(limits.reportTextBytesMin, left - laterMin))
    left -= bytesOf(copied)
    const custom = bytesOf(metadata ?? '') <= left - laterMin ? metadata : null
    left -= bytesOf(custom ?? '')
    const ids = fileIds[place] ?? '[]'
    const bytes = bytesOf(copied) + bytesOf(custom ?? '') + bytesOf(ids) + copyRowBytes
    return { ...message, byReporter: senderId === reporterId, text: copied, metadata: custom, fileIds: ids, bytes }
  })
}

// Of the reporter ?1, the copy of a message in its present state. One that had no room for the metadata is no such copy.
const copied = `FROM reported_messages AS copy WHERE copy.reporter_id = ?1 AND copy.message_id = value ->> 'id'
  AND copy.edited_at IS value ->> 'editedAt' AND copy.deleted_at IS value ->> 'deletedAt'
  AND (value ->> 'metadata' IS NULL OR copy.metadata IS value ->> 'metadata')`

/**
 * The statements that add a report, unless the same one exists, and copy the messages that its reporter has no copy of.
 * `content` is ?1 to ?6 of `same`.
 */
function additions(
  db: D1Database,
  {
    id,
    content,
    same,
    copies,
    fixedBytes,
    perDay,
    now,
  }: {
    id: string
    content: unknown[]
    same: string
    copies: string
    fixedBytes: number
    perDay: number
    now: number
  },
) {
  const bytes = `(?10 + (SELECT coalesce(sum(value ->> 'bytes'), 0) FROM json_each(?8) WHERE NOT EXISTS (SELECT 1 ${copied})))`
  const references = `(SELECT json_group_array(json_object('id', value ->> 'id', 'copyIn',
    coalesce((SELECT copy.report_id ${copied} LIMIT 1), ?7))) FROM json_each(?8))`
  return [
    db
      .prepare(
        `INSERT INTO reports (id, reporter_id, reported_id, reason, comment, evidence, bytes, created_at)
         SELECT ?7, ?1, ?2, ?3, ?4, ${references}, ${bytes}, ?9
         WHERE NOT EXISTS (SELECT 1 FROM reports WHERE ${same})
           AND (SELECT count(*) FROM reports WHERE reporter_id = ?1 AND created_at > ?6) < ?11
           AND (SELECT coalesce(sum(bytes), 0) FROM reports WHERE reporter_id = ?1 AND created_at > ?6) + ${bytes} <= ?12
           AND (SELECT count(*) FROM users WHERE id IN (?1, ?2)) = 2`,
      )
      .bind(...content, id, copies, now, fixedBytes, perDay, limits.reportBytesPerDay),
    db
      .prepare(
        `UPDATE reported_messages SET reported_at = ?3 WHERE (report_id, message_id) IN (
           SELECT value ->> 'copyIn', value ->> 'id' FROM reports, json_each(evidence) WHERE reports.id = ?1)
           AND reporter_id = ?2`,
      )
      .bind(id, content[0], now),
    db
      .prepare(
        `INSERT INTO reported_messages (report_id, message_id, reporter_id, by_reporter, text, file_ids, created_at,
           edited_at, deleted_at, reported_at, metadata)
         SELECT reports.id, value ->> 'id', reporter_id, value ->> 'byReporter', value ->> 'text', value ->> 'fileIds',
           value ->> 'createdAt', value ->> 'editedAt', value ->> 'deletedAt', ?3, value ->> 'metadata'
         FROM reports, json_each(?2) WHERE reports.id = ?1 AND EXISTS (SELECT 1 FROM json_each(evidence) AS reference
           WHERE reference.value ->> 'id' = json_each.value ->> 'id' AND reference.value ->> 'copyIn' = ?1)
         ON CONFLICT DO NOTHING`,
      )
      .bind(id, copies, now),
  ]
}

/** The query for when a report of at most `bytes` more can be filed. */
const freeing = (
  db: D1Database,
  reporterId: string,
  { bytes, perDay, since }: Record<'bytes' | 'perDay' | 'since', number>,
) =>
  db
    .prepare(
      `SELECT max(created_at) AS created_at FROM (
         SELECT created_at, row_number() OVER newest AS place, sum(bytes) OVER newest AS total FROM reports
         WHERE reporter_id = ? AND created_at > ? WINDOW newest AS (ORDER BY created_at DESC, id DESC))
       WHERE place >= ? OR total > ?`,
    )
    .bind(reporterId, since, perDay, limits.reportBytesPerDay - bytes)

/**
 * Files a report once: an identical one within a day returns the existing report. Beyond `perDay` others in a day, or
 * `reportBytesPerDay` of them, it is refused.
 */
export async function file(
  db: D1Database,
  { reporterId, reportedId, reason, comment, evidence }: Submission,
  perDay: number,
  now: number,
): Promise<Filed> {
  const id = mintId('report', now)
  const since = now - dayMs
  const fixedBytes = reportRowBytes + bytesOf(comment ?? '') + evidence.length * referenceBytes
  const inOrder = evidence.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const copies = toCopies(inOrder, reporterId, fixedBytes)
  const ids = JSON.stringify(copies.map((message) => message.id))
  const content = [reporterId, reportedId, reason, comment, ids, since]
  const same = `reporter_id = ?1 AND reported_id = ?2 AND reason = ?3 AND comment IS ?4 AND ${idsOf} = ?5 AND created_at > ?6`
  const bytes = copies.reduce((sum, copy) => sum + copy.bytes, fixedBytes)
  const results = await db.batch<ReportRow>([
    ...additions(db, { id, content, same, copies: JSON.stringify(copies), fixedBytes, perDay, now }),
    db.prepare(`SELECT ${columns} FROM reports WHERE ${same} ORDER BY created_at DESC LIMIT 1`).bind(...content),
    freeing(db, reporterId, { bytes, perDay, since }),
  ])
  const [found, blocking] = results.slice(-2).map(({ results: [row] }) => row)
  if (found) return { report: toReport(found), created: found.id === id }
  return blocking?.created_at ? { freeAt: blocking.created_at + dayMs } : null
}

/** Lists a user's own reports after `after`, ordered by id. */
export async function listBy(db: D1Database, reporterId: string, after: string | null, limit: number) {
  const { results } = await db
    .prepare(`SELECT ${columns} FROM reports WHERE reporter_id = ? AND id > ? ORDER BY id LIMIT ?`)
    .bind(reporterId, after ?? '', limit)
    .all<ReportRow>()
  return { items: results.map(toReport), next: results.length === limit ? (results.at(-1)?.id ?? null) : null }
}

/** The statements for the transaction that erases a user. `reportedKey` is what reports about them keep. */
export const erasing = (db: D1Database, userId: string, reportedKey: string) => [
  db
    .prepare('UPDATE reports SET reported_id = NULL, reported_key = ?2 WHERE reported_id = ?1')
    .bind(userId, reportedKey),
  db.prepare('DELETE FROM reported_messages WHERE reporter_id = ? AND by_reporter').bind(userId),
  db
    .prepare(
      `UPDATE reports SET reporter_id = NULL, comment = NULL, evidence =
         (SELECT json_group_array(json(value)) FROM json_each(evidence) WHERE EXISTS (SELECT 1 FROM reported_messages
            WHERE report_id = value ->> 'copyIn' AND message_id = value ->> 'id'))
       WHERE reporter_id = ?`,
    )
    .bind(userId),
  db.prepare('UPDATE reported_messages SET reporter_id = NULL WHERE reporter_id = ?').bind(userId),
]
