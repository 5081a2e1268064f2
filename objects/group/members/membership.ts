import type { GroupEvent, GroupRole } from '../../../src/core/group'
import { toGroupProfile } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { headOf } from '../changes/to-member'
import type { GroupContext, MemberContext } from '../context'
import { type EventDraft, writeEvent } from '../messages/events'
import type { Actor, Membership, Out } from '../shapes'
import { settingsOf } from '../tables/facts'
import { forgetHidden } from '../tables/hidden'
import type { MemberRow } from '../tables/members'
import { dropPicture } from './picture'

/** Who is in a group, who comes, and who goes. Each function is one synchronous block. */

export const toMembership = (context: GroupContext, me: MemberRow): Membership => ({
  since: me.since,
  seq: context.facts.row.seq,
  head: headOf(context, me),
  profileRevision: me.profile_revision,
})

/** The answer to somebody who is no member. */
export const outOf = ({ facts, members }: GroupContext, userId: string): Out => ({
  ...{ ok: false, code: 'chat_not_found' as const },
  out: members.find(userId)?.since ?? facts.find(1)?.seq ?? 0,
})

const fresh = {
  left_themselves: 0,
  mark_seq: 0,
  own_seq: 0,
  cleared_id: '',
  read_id: '',
  sent_at: 0,
  hushed_at: 0,
  owed: 0,
  attempts: 0,
  retry_at: 0,
}

/** Whether there is room for these to become members. Whoever was one before is counted already. */
export const hasRoom = ({ members }: GroupContext, userIds: readonly string[]) =>
  members.present().length + userIds.length <= limits.groupMembersMax &&
  members.all().length + userIds.filter((userId) => !members.find(userId)).length <= limits.groupMembersEverMax

/** Makes somebody a member, from now on: what they see of the past depends on the settings. */
export function enter(context: GroupContext, actor: Actor, role: GroupRole): MemberRow {
  const { facts, members, now, unread } = context
  const seq = context.change('common')
  const { greatest_id } = facts.row
  const sees = settingsOf(facts.row).historyVisible
  unread.changed(actor.userId)
  return members.save({
    ...fresh,
    user_id: actor.userId,
    present: 1,
    since: seq,
    role,
    joined_at: now,
    profile: JSON.stringify(toGroupProfile(actor.profile)),
    profile_revision: actor.revision,
    seq,
    visible_after: sees === 'joining' ? greatest_id : '',
    joined_after: greatest_id,
    // What was said before somebody came is nothing that they have missed.
    read_id: greatest_id,
  })
}

/** Ends a membership. The mailbox of the former member is told until it has answered. */
export function exit(context: GroupContext, member: MemberRow): MemberRow {
  const { members, sql, unread } = context
  const seq = context.change('common')
  unread.changed(member.user_id)
  forgetHidden(sql, member.user_id, '~')
  return members.save({
    ...member,
    ...{ present: 0, since: seq, seq, role: 'member' },
    ...{ hushed_at: 0, owed: 1, attempts: 0, retry_at: context.now },
  })
}

const about = (type: GroupEvent['type'], userIds: string[], role: GroupRole | null = null): EventDraft => ({
  type,
  userIds,
  role,
})

/** A group without an owner gets one: the admin, or else the member, who has been there for longest. */
function settleOwner(context: GroupContext, leaving: MemberRow) {
  if (leaving.role !== 'owner') return
  const rank = ({ role }: MemberRow) => (role === 'admin' ? 0 : 1)
  const [next] = context.members
    .present()
    .toSorted((a, b) => rank(a) - rank(b) || a.joined_at - b.joined_at || (a.user_id < b.user_id ? -1 : 1))
  if (!next) return
  context.members.save({ ...next, role: 'owner', seq: context.change('common') })
  writeEvent(context, leaving.user_id, about('ownerChanged', [next.user_id], 'owner'))
}

export function leave(context: MemberContext): Outcome<number> {
  const { me } = context
  const left = exit(context, { ...me, left_themselves: 1 })
  if (context.members.present().length > 0) writeEvent(context, me.user_id, about('memberLeft', [me.user_id]))
  else dropPicture(context)
  settleOwner(context, me)
  return done(left.since)
}

/** Whether one member may act on another's membership. */
const outranks = (one: MemberRow, other: MemberRow) =>
  one.role === 'owner' || (one.role === 'admin' && other.role === 'member')

export function remove(context: MemberContext, userId: string): Outcome<null> {
  const { me, members } = context
  const member = members.member(userId)
  if (!member) return refuse('member_not_found')
  if (userId === me.user_id) return refuse('own_user')
  if (!outranks(me, member)) return refuse('not_allowed_in_group')
  exit(context, member)
  writeEvent(context, me.user_id, about('memberRemoved', [userId]))
  return done(null)
}

/** Adds those whose mailboxes have agreed. Whoever has become a member meanwhile stays as they are. */
export function add(context: MemberContext, actors: readonly Actor[]): Outcome<string[]> {
  const { me, members } = context
  if (!mayAdd(context)) return refuse('not_allowed_in_group')
  const fresh = actors.filter(({ userId }) => !members.member(userId))
  const userIds = fresh.map(({ userId }) => userId)
  if (!hasRoom(context, userIds)) return refuse('group_full')
  for (const actor of fresh) enter(context, actor, 'member')
  if (userIds.length > 0) writeEvent(context, me.user_id, about('membersAdded', userIds))
  return done(actors.map(({ userId }) => userId))
}

export const mayAdd = ({ me, facts }: MemberContext) =>
  me.role !== 'member' || settingsOf(facts.row).addBy === 'members'

/** Gives a member a role. Only the owner can, and making somebody else the owner makes an admin of the former one. */
export function setRole(context: MemberContext, userId: string, role: GroupRole): Outcome<MemberRow> {
  const { me, members } = context
  const member = members.member(userId)
  if (!member) return refuse('member_not_found')
  if (me.role !== 'owner') return refuse('not_allowed_in_group')
  if (member.role === role) return done(member)
  if (userId === me.user_id) return refuse('own_user')
  const seq = context.change('common')
  const saved = members.save({ ...member, role, seq })
  if (role === 'owner') members.save({ ...me, role: 'admin', seq })
  writeEvent(context, me.user_id, about(role === 'owner' ? 'ownerChanged' : 'roleChanged', [userId], role))
  return done(saved)
}

/** Follows a member's profile. */
export function followProfile(context: GroupContext, { userId, profile, revision }: Actor) {
  const member = context.members.member(userId)
  if (!member || member.profile_revision >= revision) return
  const stored = JSON.stringify(toGroupProfile(profile))
  const seq = stored === member.profile ? member.seq : context.change('common')
  context.members.save({ ...member, profile: stored, profile_revision: revision, seq })
}
