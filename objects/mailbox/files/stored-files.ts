import { type File, type StorageUsage, toFile } from '../../../schemas/file'
import { cleanableTypes } from '../../../src/core/clean-picture'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import type { CallerContext, MailboxContext } from '../context'
import { type FileRow, fileTotals, find, removeLater, toMetadata } from '../tables/files'
import { findReadable, type ReadableFile } from './grants'

export interface FilesPage {
  items: File[]
  /** The last file of the page if more follow, else null. */
  next: string | null
  usage: StorageUsage
}

/** Lists the stored files before an id, newest first, with the storage usage. */
export function listFiles(
  { sql, link }: CallerContext,
  before: string | null,
  limit: number,
  bytesMax: number,
): Outcome<FilesPage> {
  const found = sql.exec<FileRow>(
    `SELECT * FROM files WHERE state = 'stored' AND id < ? ORDER BY id DESC LIMIT ? + 0`,
    before ?? '~',
    limit + 1,
  )
  const page = cutPage(found, {
    limit,
    toItem: (row) => toFile(toMetadata(row), link),
    placeOf: ({ id }) => id,
  })
  return done({ ...page, usage: { ...fileTotals(sql), bytesMax } })
}

/**
 * Removes a file of the owner. The alarm deletes its bytes if nothing else does. Returns whether the bytes are the owner's
 * to delete: there might be no such file any more, or another user might own it.
 */
export function removeFile(context: MailboxContext, fileId: string): Outcome<boolean> {
  const row = find(context.sql, fileId)
  if (!row || row.state === 'reserved') return done(false)
  if (row.avatar) return refuse('file_in_use')
  if (row.state === 'stored') removeLater(context, fileId)
  return done(true)
}

/**
 * Removes all files. The reservation of an upload in progress stays until the upload ends, so that late bytes are
 * removed too. Pictures are removed twice, because somebody may be making the copy that a profile shows.
 */
export const removeAllFiles = ({ sql, now }: MailboxContext) => {
  sql.exec(
    `UPDATE files SET state = 'removing', avatar = content_type IN (SELECT value FROM json_each(?)), clean_at = ?
     WHERE state <> 'reserved'`,
    JSON.stringify(cleanableTypes),
    now,
  )
}

/** Returns files that the owner may read, their own or others', to attach to a message. */
export function attachableFiles(sql: SqlStorage, fileIds: readonly string[]): Outcome<ReadableFile[]> {
  const found = fileIds.map((fileId) => findReadable(sql, fileId))
  const errors = found.flatMap((file, index) =>
    file
      ? []
      : [
          {
            pointer: `/attachmentFileIds/${index}`,
            code: 'attachment_unusable',
            detail: 'There is no such file that you can read.',
          },
        ],
  )
  if (errors.length > 0) return refuse('attachment_unusable', errors)
  return done(found.flatMap((file) => file ?? []))
}
