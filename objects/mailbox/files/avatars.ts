import { cleanableTypes } from '../../../src/core/clean-picture'
import type { FileMetadata } from '../../../src/core/file-metadata'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import { findStored, toMetadata } from '../tables/files'

/** Returns the metadata of the owner's profile picture, for anyone who may see it. */
export function avatarMetadata({ sql }: Pick<MailboxContext, 'sql'>, fileId: string): Outcome<FileMetadata> {
  const row = findStored(sql, fileId)
  return row?.avatar ? done(toMetadata(row)) : refuse('file_not_found')
}

/** Refuses what is no picture of the owner's. */
export function checkAvatar({ sql }: Pick<MailboxContext, 'sql'>, fileId: string): Outcome<null> {
  const row = findStored(sql, fileId)
  if (row && cleanableTypes.includes(row.content_type)) return done(null)
  return refuse('avatar_unusable', [
    { pointer: '/avatarFileId', code: 'avatar_unusable', detail: 'You have no such JPEG, PNG, GIF, or WebP file.' },
  ])
}

/** Protects a picture of the owner's from deletion, before the profile shows it. */
export function claimAvatar(context: MailboxContext, fileId: string): Outcome<null> {
  const checked = checkAvatar(context, fileId)
  if (checked.ok) context.sql.exec('UPDATE files SET avatar = 1 WHERE id = ? AND avatar = 0', fileId)
  return checked
}

/** Releases all pictures except the one that the profile shows now. */
export const releaseAvatars = ({ sql }: MailboxContext, exceptFileId: string | null) => {
  sql.exec('UPDATE files INDEXED BY files_in_profile SET avatar = 0 WHERE avatar = 1 AND id IS NOT ?', exceptFileId)
}
