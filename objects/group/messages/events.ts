import type { GroupEvent } from '../../../src/core/group'
import type { GroupContext } from '../context'
import { insert } from '../tables/messages'
import { mintMessageId } from './ids'

const empty = { userIds: [], title: null, role: null, messageId: null }

/** What happened, with what is not empty about it. */
export type EventDraft = Pick<GroupEvent, 'type'> & Partial<GroupEvent>

/** Tells of something that has happened to the group, as a message by whoever did it. */
export function writeEvent(context: GroupContext, senderId: string, draft: EventDraft) {
  const { sql, now } = context
  const event: GroupEvent = { ...empty, ...draft }
  const seq = context.change('common')
  insert(sql, {
    ...{ id: mintMessageId(context), seq, sender_id: senderId, client_message_id: null, request_hash: null },
    ...{ text: '', attachments: null, metadata: null, reply_to_id: null, reply_to: null, mentions: null },
    ...{
      reactions: null,
      event: JSON.stringify(event),
      pinned_at: null,
      created_at: now,
      edited_at: null,
      deleted_at: null,
    },
  })
}
