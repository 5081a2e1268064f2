import { type File, toFile } from '../../../schemas/file'
import { type MediaFacts, mediaFactsOf } from '../../../src/core/file-metadata'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerContext, MailboxContext } from '../context'
import { fileTotals, find, findStored, removeLater, toMetadata } from '../tables/files'

export interface Reservation {
  fileId: string
  name: string
  bytes: number
}

/**
 * What was measured while the bytes were written, and what the uploader said beyond that. A Worker of an older version
 * sends no facts.
 */
export interface Measured extends Partial<MediaFacts> {
  contentType: string
  size: number
  sha256: string
}

/** Reserves space for an upload, or more space and time for one that is in progress. */
export function reserveFile(
  context: MailboxContext,
  { fileId, name, bytes }: Reservation,
  bytesMax: number,
): Outcome<null> {
  const known = find(context.sql, fileId)
  if (known && known.state !== 'reserved') return refuse('file_not_found')
  if (fileTotals(context.sql).bytes - (known?.size ?? 0) + bytes > bytesMax) return refuse('storage_full')
  const cleanAt = context.now + limits.fileReservationSeconds * 1000
  context.sql.exec(
    `INSERT INTO files (id, state, name, content_type, size, created_at, clean_at) VALUES (?, 'reserved', ?, '', ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET size = excluded.size, clean_at = excluded.clean_at`,
    fileId,
    name,
    bytes,
    context.now,
    cleanAt,
  )
  context.wakeBy(cleanAt)
  return done(null)
}

/** Turns a reservation whose bytes have been written into a file. Without a reservation, the bytes are removed. */
export function storeFile(context: CallerContext, fileId: string, measured: Measured): Outcome<File> {
  const row = find(context.sql, fileId)
  const { width, height, durationMs, blurHash } = mediaFactsOf(measured)
  if (row?.state === 'reserved')
    context.sql.exec(
      `UPDATE files SET state = 'stored', content_type = ?, size = ?, sha256 = ?, width = ?, height = ?, duration_ms = ?,
         blur_hash = ?, clean_at = NULL WHERE id = ?`,
      measured.contentType,
      measured.size,
      measured.sha256,
      width,
      height,
      durationMs,
      blurHash,
      fileId,
    )
  else if (row?.state !== 'stored') {
    removeLater(context, fileId)
    return refuse('service_unavailable')
  }
  const file = findStored(context.sql, fileId)
  return file ? done(toFile(toMetadata(file), context.link)) : refuse('file_not_found')
}

/** Releases the space of a failed upload. Its bytes are removed by the caller, and again by the alarm. */
export function releaseFile(context: MailboxContext, fileId: string): Outcome<null> {
  if (find(context.sql, fileId)?.state === 'reserved') removeLater(context, fileId)
  return done(null)
}
