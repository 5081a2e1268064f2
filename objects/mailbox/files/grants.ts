import type { FileMetadata } from '../../../src/core/file-metadata'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import { findStored, toMetadata } from '../tables/files'

/** Lets the owner of the mailbox read the files that a message brought. */
export const grantFiles = (sql: SqlStorage, chatId: string, messageId: string, files: readonly FileMetadata[]) => {
  sql.exec(
    `INSERT INTO grants (file_id, chat_id, message_id, file)
     SELECT value ->> 'fileId', ?, ?, value FROM json_each(?) WHERE true ON CONFLICT DO NOTHING`,
    chatId,
    messageId,
    JSON.stringify(files),
  )
}

/** Revokes what a message granted. Another message might still grant the same file. */
export const revokeFiles = (sql: SqlStorage, chatId: string, messageId: string) => {
  sql.exec('DELETE FROM grants WHERE chat_id = ? AND message_id = ?', chatId, messageId)
}

/** Revokes what the messages of a chat up to one of them granted. */
export const revokeFilesUpTo = (sql: SqlStorage, chatId: string, messageId: string) => {
  sql.exec('DELETE FROM grants WHERE chat_id = ? AND message_id <= ?', chatId, messageId)
}

/** Returns the metadata of a file that the user owns or received with a message, unless the message was cleared. */
export function readableFile({ sql }: MailboxContext, fileId: string): Outcome<FileMetadata> {
  const own = findStored(sql, fileId)
  if (own) return done(toMetadata(own))
  const granted = sql
    .exec<{ file: string }>(
      `SELECT file FROM grants CROSS JOIN chats ON peer_id = grants.chat_id
       WHERE file_id = ? AND message_id > cleared_peer_id LIMIT 1`,
      fileId,
    )
    .toArray()[0]
  return granted ? done(JSON.parse(granted.file)) : refuse('file_not_found')
}
