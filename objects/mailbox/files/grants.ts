import type { FileMetadata } from '../../../src/core/file-metadata'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import { find, toMetadata } from '../tables/files'

/**
 * Lets the owner of the mailbox read the files of a message that belong to others: those that it brought, or those that
 * the owner forwarded with it.
 */
export const grantFiles = (sql: SqlStorage, chatId: string, messageId: string, files: readonly FileMetadata[]) => {
  sql.exec(
    `INSERT INTO grants (file_id, chat_id, message_id, file)
     SELECT value ->> 'fileId', ?, ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    chatId,
    messageId,
    JSON.stringify(files),
  )
}

/** Revokes what messages of a chat granted. Another message might still grant the same file. */
export const revokeFiles = (sql: SqlStorage, chatId: string, messageIds: readonly string[]) => {
  sql.exec(
    'DELETE FROM grants WHERE chat_id = ? AND message_id IN (SELECT value FROM json_each(?))',
    chatId,
    JSON.stringify(messageIds),
  )
}

export interface ReadableFile {
  file: FileMetadata
  isOwn: boolean
}

/** Finds a file that the user owns, or that a message grants which is neither deleted, hidden nor cleared. */
export function findReadable(sql: SqlStorage, fileId: string): ReadableFile | undefined {
  const own = find(sql, fileId)
  if (own) return own.state === 'stored' ? { file: toMetadata(own), isOwn: true } : undefined
  const granted = sql
    .exec<{ file: string }>(
      `SELECT file FROM grants CROSS JOIN chats ON peer_id = grants.chat_id
       CROSS JOIN messages ON messages.chat_id = grants.chat_id AND messages.id = message_id
       WHERE file_id = ? AND message_id > iif(mine, cleared_own_id, cleared_peer_id)
         AND hidden = 0 AND deleted_at IS NULL
       LIMIT 1`,
      fileId,
    )
    .toArray()[0]
  return granted && { file: JSON.parse(granted.file), isOwn: false }
}

/** Returns the metadata of a file that the user may read. */
export function readableFile({ sql }: MailboxContext, fileId: string): Outcome<FileMetadata> {
  const found = findReadable(sql, fileId)
  return found ? done(found.file) : refuse('file_not_found')
}
