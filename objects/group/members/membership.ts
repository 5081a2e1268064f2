import type { GroupEvent, GroupRole } from '../../../src/core/group'
import { toGroupProfile } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { headOf, showsMarks } from '../changes/to-member'
import type { GroupContext, MemberContext } from '../context'
import { type EventDraft, writeEvent } from '../messages/events'
import type { Actor, Membership, Out } from '../shapes'
import { isBanned } from '../tables/bans'
import { settingsOf } from '../tables/facts'
import { forgetHidden } from '../tables/hidden'
import type { MemberRow } from '../tables/members'
import { dropPicture } from './picture'
import { dropRequest } from './request-count'

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
  const showed = showsMarks(members)
  const seq = context.change('common')
  const { greatest_id } = facts.row
  const sees = settingsOf(facts.row).historyVisible
  unread.changed(actor.userId)
  dropRequest(context, actor.userId)
  const entered = members.save({
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
  if (showsMarks(members) !== showed) showAnew(context)
  return entered
}

/** In a group that has become large, or small, read marks are no longer shown, or are from now on: all look different. */
function showAnew(context: GroupContext) {
  const seq = context.change('common')
  for (const member of context.members.present()) context.members.save({ ...member, seq })
}

/** The row of somebody whose membership ends with a change. Their mailbox is told until it has answered. */
export const former = (member: MemberRow, seq: number, now: number): MemberRow => ({
  ...member,
  ...{ present: 0, since: seq, seq, role: 'member' },
  ...{ hushed_at: 0, owed: 1, attempts: 0, retry_at: now },
})

/** Ends a membership. The last one to end is the end of the group. */
export function exit(context: GroupContext, member: MemberRow): MemberRow {
  const { members, facts, sql, unread, now } = context
  const showed = showsMarks(members)
  const seq = context.change('common')
  unread.changed(member.user_id)
  forgetHidden(sql, member.user_id, '~')
  const left = members.save(former(member, seq, now))
  if (members.present().length === 0) {
    dropPicture(context)
    facts.save({ ...facts.row, ended_at: now })
  }
  if (showsMarks(members) !== showed) showAnew(context)
  return left
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

/** A member leaves, or their account is gone. */
export function depart(context: GroupContext, member: MemberRow): MemberRow {
  const left = exit(context, member)
  if (context.members.present().length > 0) writeEvent(context, member.user_id, about('memberLeft', [member.user_id]))
  settleOwner(context, member)
  return left
}

export const leave = (context: MemberContext): Outcome<number> =>
  done(depart(context, { ...context.me, left_themselves: 1 }).since)

export const isAdmin = ({ me }: MemberContext) => me.role !== 'member'

/** Whether one member may act on another's membership. */
export const outranks = (one: MemberRow, other: MemberRow) =>
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

/** Those among these users whom the group keeps out. */
export const bannedAmong = ({ sql }: GroupContext, userIds: readonly string[]) =>
  userIds.filter((userId) => isBanned(sql, userId))

/** What adding these users is about: those who are members already, those who are banned, and those who have to be asked. */
export function toAsk(context: GroupContext, userIds: readonly string[]) {
  const there = userIds.filter((userId) => context.members.member(userId))
  const absent = userIds.filter((userId) => !there.includes(userId))
  const banned = bannedAmong(context, absent)
  return { there, banned, others: absent.filter((userId) => !banned.includes(userId)) }
}

/**
 * Adds those whose mailboxes have agreed. Whoever has become a member meanwhile stays as they are, and whoever was banned is
 * not added.
 */
export function add(context: MemberContext, agreed: readonly Actor[]): Outcome<{ added: string[]; banned: string[] }> {
  const { me, members } = context
  if (!mayAdd(context)) return refuse('not_allowed_in_group')
  const banned = bannedAmong(
    context,
    agreed.map(({ userId }) => userId),
  )
  const actors = agreed.filter(({ userId }) => !banned.includes(userId))
  const fresh = actors.filter(({ userId }) => !members.member(userId))
  const userIds = fresh.map(({ userId }) => userId)
  if (!hasRoom(context, userIds)) return refuse('group_full')
  for (const actor of fresh) enter(context, actor, 'member')
  if (userIds.length > 0) writeEvent(context, me.user_id, about('membersAdded', userIds))
  return done({ added: actors.map(({ userId }) => userId), banned })
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
