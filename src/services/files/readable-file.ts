import * as users from '../../../repositories/users'
import { problem } from '../../core/errors'
import type { FileMetadata } from '../../core/file-metadata'
import { type Caller, callMailbox, unwrap } from '../../http/mailbox-client'

export interface ReadableFile {
  /** Of the original. */
  metadata: FileMetadata
  /** Whether the user may read the copy that a profile shows, and not the original. */
  isAvatar: boolean
}

/**
 * Returns the metadata of a file that the user may read: their own, one that a message brought them, or anyone's
 * current profile picture. One call to the user's own mailbox answers the first two, and whether the session is live.
 */
export async function readableFile(
  env: Env,
  { userId, caller }: { userId: string; caller: Caller },
  { fileId, chatId }: { fileId: string; chatId?: string | undefined },
): Promise<ReadableFile> {
  const held = await callMailbox(env, userId, (mailbox) => mailbox.readFile(caller, fileId, chatId))
  if (held.ok || held.code !== 'file_not_found' || chatId !== undefined)
    return { metadata: unwrap(held), isAvatar: false }
  const shownBy = await users.findByAvatar(env.DB, fileId)
  if (!shownBy) throw problem('file_not_found')
  const metadata = unwrap(await callMailbox(env, shownBy.id, (mailbox) => mailbox.describeFile(fileId)))
  return { metadata, isAvatar: true }
}
