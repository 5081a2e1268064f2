import { done, type Outcome, refuse } from '../../durable/outcome'
import { myHead, showsMarks } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { MarkedRead } from '../shapes'
import { forgetHidden } from '../tables/hidden'
import { find } from '../tables/messages'
import { locate } from './changes'

/** What a member has read, and has cleared. */

/** Moves the read mark, never back. `waitSeconds` are those until the next move, as the member's mailbox counts. */
export function markRead(
  context: MemberContext,
  upToMessageId: string,
  waitSeconds: number | null,
): Outcome<MarkedRead> {
  const { me, members, unread } = context
  const found = locate(context, upToMessageId)
  if (!found.ok) return found
  if (upToMessageId <= me.read_id) return done({ head: myHead(context), changed: false })
  if (waitSeconds !== null) return { ok: false, code: 'too_many_requests', retryAfterSeconds: waitSeconds }
  const seq = context.change(showsMarks(members) ? 'common' : 'own')
  const saved = members.save({ ...me, read_id: upToMessageId, mark_seq: seq, own_seq: seq })
  unread.changed(me.user_id)
  return done({ head: myHead({ ...context, me: saved }), changed: true })
}

/** Clears everything that the group holds now, for this member. */
export function clear(context: MemberContext): Outcome<null> {
  const { me, members, sql, unread, facts } = context
  const { greatest_id } = facts.row
  if (greatest_id <= me.cleared_id) return done(null)
  const seq = context.change('own')
  members.save({ ...me, cleared_id: greatest_id, own_seq: seq })
  forgetHidden(sql, me.user_id, greatest_id)
  unread.changed(me.user_id)
  return done(null)
}

/** Whether a message is there for this member, so that a page can begin beside it. */
export const isThere = ({ sql, me }: MemberContext, messageId: string): boolean =>
  messageId > me.visible_after && find(sql, messageId) !== undefined

export const refuseUnlessThere = (context: MemberContext, messageId: string): Outcome<null> =>
  isThere(context, messageId) ? done(null) : refuse('message_not_found')
