import type { FileMetadata } from '../../../src/core/file-metadata'
import { limits } from '../../../src/core/limits'
import type { DurableContext } from '../../durable/context'

/**
 * Space is reserved before bytes are written, and a row becomes `stored` only after they are. A row in any other state
 * has a time at which the alarm removes the object and then the row, so no crash leaves bytes without a row that counts
 * them.
 */
export type FileRow = {
  id: string
  state: 'reserved' | 'stored' | 'removing'
  name: string
  content_type: string
  size: number
  sha256: string | null
  created_at: number
  /** 1 while the file is, or is about to become, the profile picture; of one that is removed, if that is done once more. */
  avatar: number
  /** When the alarm removes the file (epoch milliseconds); null while it is stored. */
  clean_at: number | null
  /** What is known of a picture or recording. */
  width: number | null
  height: number | null
  duration_ms: number | null
  blur_hash: string | null
}

export const toMetadata = (row: FileRow): FileMetadata => ({
  fileId: row.id,
  name: row.name,
  contentType: row.content_type,
  size: row.size,
  sha256: row.sha256 ?? '',
  createdAt: row.created_at,
  ...(row.width !== null && row.height !== null && { width: row.width, height: row.height }),
  ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
  ...(row.blur_hash !== null && { blurHash: row.blur_hash }),
})

export const find = (sql: SqlStorage, fileId: string): FileRow | undefined =>
  sql.exec<FileRow>('SELECT * FROM files WHERE id = ?', fileId).toArray()[0]

export const findStored = (sql: SqlStorage, fileId: string): FileRow | undefined => {
  const row = find(sql, fileId)
  return row?.state === 'stored' ? row : undefined
}

export interface FileTotals {
  /** Bytes that are stored or reserved. */
  bytes: number
  /** Files that are stored. */
  files: number
}

export const fileTotals = (sql: SqlStorage): FileTotals => {
  const { bytes, files } = sql.exec<{ bytes: number; files: number }>('SELECT bytes, files FROM file_totals').one()
  return { bytes, files }
}

/** Removes a file and has the alarm delete its bytes, even if something else deletes them first. */
export function removeLater({ sql, now, wakeBy }: DurableContext, fileId: string) {
  const cleanAt = now + limits.fileCleanUpMs
  sql.exec(
    `INSERT INTO files (id, state, name, content_type, size, created_at, clean_at) VALUES (?, 'removing', '', '', 0, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = 'removing', clean_at = excluded.clean_at`,
    fileId,
    now,
    cleanAt,
  )
  wakeBy(cleanAt)
}
