import { done, type Outcome, refuse } from '../../durable/outcome'
import type { GroupContext, MemberContext } from '../context'
import { former } from './membership'
import { dropPicture } from './picture'

/**
 * The end of a group: all memberships end at once. What it holds is erased by the alarm, a slice at a time, and once all
 * mailboxes have been told, so is everything else but a tombstone.
 */
export function endGroup(context: MemberContext): Outcome<number> {
  const { me, members, facts, unread, now } = context
  if (me.role !== 'owner') return refuse('not_allowed_in_group')
  const seq = context.change('common')
  for (const member of members.present()) members.save(former(member, seq, now))
  unread.changed()
  dropPicture(context)
  facts.save({ ...facts.row, ended_at: now })
  return done(seq)
}

/** Whether a mailbox must still be told that its owner is no longer a member. */
export const owesAnybody = ({ members }: Pick<GroupContext, 'members'>) => members.all().some(({ owed }) => owed === 1)
