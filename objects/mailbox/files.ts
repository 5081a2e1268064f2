import type { File, StorageUsage } from '../../schemas/file'
import { toFile } from '../../schemas/file'
import type { FileMetadata } from '../../src/core/file-metadata'
import { limits } from '../../src/core/limits'
import { done, type Outcome, refuse } from '../durable/outcome'
import type { Box, CallerBox } from './context'

export type { FileMetadata }

/**
 * Space is reserved before bytes are written and the row is `stored` only after they were; a row in any other state has
 * a time at which the alarm removes the object and then the row. So no crash leaves bytes without a row that counts them.
 */
type FileRow = {
  id: string
  state: 'reserved' | 'stored' | 'removing'
  name: string
  content_type: string
  size: number
  sha256: string | null
  created_at: number
  /** 1 while the file is, or is about to be, the profile picture. */
  avatar: number
  /** When the clean-up takes it; null while it is stored. */
  clean_at: number | null
}

const pictures = ['image/jpeg', 'image/png', 'image/gif', 'image/webp']

const toFacts = (row: FileRow): FileMetadata => ({
  fileId: row.id,
  name: row.name,
  contentType: row.content_type,
  size: row.size,
  sha256: row.sha256 ?? '',
  createdAt: row.created_at,
})

const find = (sql: SqlStorage, fileId: string) =>
  sql.exec<FileRow>('SELECT * FROM files WHERE id = ?', fileId).toArray()[0]

const findStored = (sql: SqlStorage, fileId: string) => {
  const row = find(sql, fileId)
  return row?.state === 'stored' ? row : undefined
}

const bytesTaken = (sql: SqlStorage, exceptId: string) =>
  sql
    .exec<{ bytes: number }>(
      `SELECT coalesce(sum(size), 0) AS bytes FROM files WHERE state <> 'removing' AND id <> ?`,
      exceptId,
    )
    .one().bytes

export interface Reservation {
  fileId: string
  name: string
  bytes: number
}

/** Reserves space for an upload, or more space and time for one under way. */
export function reserve(box: Box, { fileId, name, bytes }: Reservation, bytesMax: number): Outcome<null> {
  const known = find(box.sql, fileId)
  if (known && known.state !== 'reserved') return refuse('file_not_found')
  if (bytesTaken(box.sql, fileId) + bytes > bytesMax) return refuse('storage_full')
  const cleanAt = box.now + limits.fileReservationSeconds * 1000
  box.sql.exec(
    `INSERT INTO files (id, state, name, content_type, size, created_at, clean_at) VALUES (?, 'reserved', ?, '', ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET size = excluded.size, clean_at = excluded.clean_at`,
    fileId,
    name,
    bytes,
    box.now,
    cleanAt,
  )
  box.wakeBy(cleanAt)
  return done(null)
}

/** What was measured while the bytes were written. */
export interface Stored {
  contentType: string
  size: number
  sha256: string
}

/** Makes a file of a reservation whose bytes have been written. Without one, they are cleaned up. */
export function store(box: CallerBox, fileId: string, stored: Stored): Outcome<File> {
  const row = find(box.sql, fileId)
  if (row?.state === 'reserved')
    box.sql.exec(
      `UPDATE files SET state = 'stored', content_type = ?, size = ?, sha256 = ?, clean_at = NULL WHERE id = ?`,
      stored.contentType,
      stored.size,
      stored.sha256,
      fileId,
    )
  else if (row?.state !== 'stored') {
    cleanLater(box, fileId)
    return refuse('service_unavailable')
  }
  const file = findStored(box.sql, fileId)
  return file ? done(toFile(toFacts(file), box.link)) : refuse('file_not_found')
}

/** Gives the space of a failed upload back. Its bytes are removed by the caller, and again by the clean-up. */
export function release(box: Box, fileId: string): Outcome<null> {
  if (find(box.sql, fileId)?.state === 'reserved') cleanLater(box, fileId)
  return done(null)
}

function cleanLater(box: Box, fileId: string) {
  const cleanAt = box.now + limits.fileCleanUpMs
  box.sql.exec(
    `INSERT INTO files (id, state, name, content_type, size, created_at, clean_at) VALUES (?, 'removing', '', '', 0, ?, ?)
     ON CONFLICT (id) DO UPDATE SET state = 'removing', clean_at = excluded.clean_at`,
    fileId,
    box.now,
    cleanAt,
  )
  box.wakeBy(cleanAt)
}

export interface FilesPage {
  items: File[]
  /** The last file of the page, when more follow. */
  next: string | null
  usage: StorageUsage
}

/** The stored files before an id, newest first, and how full the storage is. */
export function list(box: CallerBox, before: string | null, limit: number, bytesMax: number): Outcome<FilesPage> {
  const rows = box.sql
    .exec<FileRow>(
      `SELECT * FROM files WHERE state = 'stored' AND id < ? ORDER BY id DESC LIMIT ?`,
      before ?? '~',
      limit + 1,
    )
    .toArray()
  const page = rows.slice(0, limit)
  const { files } = box.sql.exec<{ files: number }>(`SELECT count(*) AS files FROM files WHERE state = 'stored'`).one()
  return done({
    items: page.map((row) => toFile(toFacts(row), box.link)),
    next: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    usage: { bytes: bytesTaken(box.sql, ''), bytesMax, files },
  })
}

/** The facts of a file that the user owns or that a message brought them. */
export function readable(box: Box, fileId: string): Outcome<FileMetadata> {
  const own = findStored(box.sql, fileId)
  if (own) return done(toFacts(own))
  const granted = box.sql
    .exec<{ file: string }>('SELECT file FROM grants WHERE file_id = ? LIMIT 1', fileId)
    .toArray()[0]
  return granted ? done(JSON.parse(granted.file)) : refuse('file_not_found')
}

/** Takes a file away from its owner; from here on the clean-up removes its bytes if nobody else does. */
export function remove(box: Box, fileId: string): Outcome<null> {
  const row = findStored(box.sql, fileId)
  if (!row) return refuse('file_not_found')
  if (row.avatar) return refuse('file_in_use')
  cleanLater(box, fileId)
  return done(null)
}

/** Takes all files away. The reservation of an upload under way stays until it ends, so that late bytes are removed as well. */
export const removeAll = (box: Box) => {
  box.sql.exec(`UPDATE files SET state = 'removing', avatar = 0, clean_at = ? WHERE state <> 'reserved'`, box.now)
}

/** The facts of own files, to attach to a message. */
export function own(sql: SqlStorage, fileIds: readonly string[]): Outcome<FileMetadata[]> {
  const rows = fileIds.map((fileId) => findStored(sql, fileId))
  const errors = rows.flatMap((row, index) =>
    row
      ? []
      : [
          {
            pointer: `/attachmentFileIds/${index}`,
            code: 'attachment_unusable',
            detail: 'No such file of the sender.',
          },
        ],
  )
  if (errors.length > 0) return refuse('attachment_unusable', errors)
  return done(rows.flatMap((row) => (row ? [toFacts(row)] : [])))
}

/** Lets the user read the files that a message brought. */
export const grant = (sql: SqlStorage, chatId: string, messageId: string, files: readonly FileMetadata[]) => {
  sql.exec(
    `INSERT INTO grants (file_id, chat_id, message_id, file)
     SELECT value ->> 'fileId', ?, ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    chatId,
    messageId,
    JSON.stringify(files),
  )
}

/** Takes back what a message granted; another message may still grant the same. */
export const revoke = (sql: SqlStorage, chatId: string, messageId: string) => {
  sql.exec('DELETE FROM grants WHERE chat_id = ? AND message_id = ?', chatId, messageId)
}

/** The facts of the picture that the user shows, for whoever may see it. */
export function ownFacts(box: Box, fileId: string): Outcome<FileMetadata> {
  const row = findStored(box.sql, fileId)
  return row?.avatar ? done(toFacts(row)) : refuse('file_not_found')
}

/** Keeps an own picture from being deleted, before the profile shows it. */
export function claimAvatar(box: Box, fileId: string): Outcome<FileMetadata> {
  const row = findStored(box.sql, fileId)
  if (!row || !pictures.includes(row.content_type))
    return refuse('avatar_unusable', [
      { pointer: '/avatarFileId', code: 'avatar_unusable', detail: 'No such JPEG, PNG, GIF or WebP file of the user.' },
    ])
  if (!row.avatar) box.sql.exec('UPDATE files SET avatar = 1 WHERE id = ?', fileId)
  return done(toFacts(row))
}

/** Lets go of all pictures but the one that the profile shows now. */
export const releaseAvatars = (box: Box, exceptFileId: string | null) => {
  box.sql.exec('UPDATE files SET avatar = 0 WHERE avatar = 1 AND id IS NOT ?', exceptFileId)
}

/** When the next clean-up is due (epoch milliseconds), or null. */
export const due = (sql: SqlStorage): number | null =>
  sql.exec<{ due: number | null }>('SELECT min(clean_at) AS due FROM files WHERE clean_at IS NOT NULL').one().due

/**
 * The files to clean up now. They are past saving: an upload that comes back late finds its reservation gone. Until
 * they are forgotten they come up again, later.
 */
export function expired(sql: SqlStorage, now: number): string[] {
  return sql
    .exec<{ id: string }>(
      `UPDATE files SET state = 'removing', clean_at = ?
       WHERE id IN (SELECT id FROM files WHERE clean_at <= ? LIMIT ?) RETURNING id`,
      now + limits.fileCleanUpMs,
      now,
      limits.filesCleanedAtOnce,
    )
    .toArray()
    .map(({ id }) => id)
}

/** Drops the rows of files whose bytes have been removed. */
export const forget = (sql: SqlStorage, fileIds: readonly string[]) => {
  sql.exec(
    `DELETE FROM files WHERE state = 'removing' AND id IN (SELECT value FROM json_each(?))`,
    JSON.stringify(fileIds),
  )
}
