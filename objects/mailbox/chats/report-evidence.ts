import type { ReportEvidence } from '../../../src/core/report-evidence'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { MailboxContext } from '../context'
import type { ChatRow } from '../tables/chats'
import type { MessageRow } from '../tables/message-row'
import * as messages from '../tables/messages'

function toEvidence(context: MailboxContext, chat: ChatRow, row: MessageRow): ReportEvidence {
  return {
    id: row.id,
    senderId: row.mine ? context.userId : chat.peer_id,
    text: row.text,
    metadata: messages.storedMetadata(row),
    fileIds: messages.attachmentsOf(row).map(({ fileId }) => fileId),
    createdAt: row.created_at,
    editedAt: row.edited_at,
    deletedAt: row.deleted_at,
  }
}

const missing = (index: number) =>
  refuse('message_not_found', [
    {
      pointer: `/messageIds/${index}`,
      code: 'message_not_found',
      detail: 'No such message in the chat with this user, or it was deleted.',
    },
  ])

/** Returns copies of messages in a chat, as its owner sees them now: all of them, or none. */
export function collectEvidence(
  context: MailboxContext,
  chatId: string,
  messageIds: string[],
): Outcome<ReportEvidence[]> {
  const chat = context.chats.find(chatId)
  const copies: ReportEvidence[] = []
  for (const [index, id] of messageIds.entries()) {
    const row = chat && messages.findVisible(context.sql, chat, id)
    if (!row) return missing(index)
    copies.push(toEvidence(context, chat, row))
  }
  return done(copies)
}
