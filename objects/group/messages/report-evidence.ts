import type { FileMetadata } from '../../../src/core/file-metadata'
import type { ReportEvidence } from '../../../src/core/report-evidence'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MemberContext } from '../context'
import type { GroupMessageRow } from '../tables/messages'
import { locate } from './changes'

const toEvidence = (row: GroupMessageRow): ReportEvidence => ({
  id: row.id,
  senderId: row.sender_id,
  text: row.text,
  metadata: row.metadata,
  fileIds: row.attachments === null ? [] : JSON.parse(row.attachments).map(({ fileId }: FileMetadata) => fileId),
  createdAt: row.created_at,
  editedAt: row.edited_at,
  deletedAt: row.deleted_at,
})

const missing = (index: number) =>
  refuse('message_not_found', [
    {
      pointer: `/messageIds/${index}`,
      code: 'message_not_found',
      detail: 'No such message by this user in the group, or it was deleted.',
    },
  ])

/** Returns copies of messages that a user wrote, as the member sees them now: all of them, or none. */
export function collectEvidence(
  context: MemberContext,
  senderId: string,
  messageIds: readonly string[],
): Outcome<ReportEvidence[]> {
  const copies: ReportEvidence[] = []
  for (const [index, id] of messageIds.entries()) {
    const found = locate(context, id)
    if (!found.ok || found.value.sender_id !== senderId || found.value.event !== null) return missing(index)
    copies.push(toEvidence(found.value))
  }
  return done(copies)
}
