import type { FileMetadata } from '../../../src/core/file-metadata'
import type { View } from './messages'

/** Which messages have which files, for those who read a file by its id. */

export const add = (sql: SqlStorage, messageId: string, files: readonly FileMetadata[]) => {
  sql.exec(
    `INSERT INTO files (file_id, message_id) SELECT value ->> 'fileId', ? FROM json_each(?)`,
    messageId,
    JSON.stringify(files),
  )
}

export const remove = (sql: SqlStorage, messageId: string) => {
  sql.exec('DELETE FROM files WHERE message_id = ?', messageId)
}

/** The metadata of a file in a message that a member sees. */
export function findReadable(sql: SqlStorage, { userId, floor }: View, fileId: string): FileMetadata | undefined {
  const [found] = sql
    .exec<{ attachments: string }>(
      `SELECT attachments FROM files CROSS JOIN messages ON id = message_id
       WHERE file_id = ? AND message_id > ? AND attachments IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM hidden WHERE user_id = ? AND hidden.message_id = messages.id)
       LIMIT 1`,
      fileId,
      floor,
      userId,
    )
    .toArray()
  const attachments: FileMetadata[] = found ? JSON.parse(found.attachments) : []
  return attachments.find((file) => file.fileId === fileId)
}
