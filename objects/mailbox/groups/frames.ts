import type { GroupChangesFrame } from '../../../schemas/realtime'
import { toGroupCursor } from '../../../src/core/group-cursors'
import type { Nudge } from '../../group/shapes'
import type { MailboxStore } from '../store'
import { type GroupWire, toChangeSet, toChat } from './to-wire'

/** What a group tells of a change. */
export type GroupNews = Extract<Nudge, { kind: 'in' }>

/** The frame that shows it. */
export function toGroupFrame(wire: GroupWire, news: GroupNews, { groups }: MailboxStore): GroupChangesFrame {
  const { groupId, since, seq, from, head, changes } = news
  return {
    type: 'groupChanges',
    chatId: groupId,
    from,
    version: seq,
    chat: toChat(wire, head, groups.member(groupId)),
    changes: changes && toChangeSet(wire, changes, head),
    cursor: toGroupCursor({ since, seq }),
  }
}
