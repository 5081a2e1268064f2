import type { GroupInvitation, GroupStanding } from '../../../src/core/group'
import { toGroupProfile } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { GroupContext } from '../context'
import { writeEvent } from '../messages/events'
import type { Actor, Joined } from '../shapes'
import * as bans from '../tables/bans'
import * as invites from '../tables/invites'
import * as requests from '../tables/join-requests'
import { matching } from './invites'
import { enter, hasRoom, toMembership } from './membership'
import { countRequest } from './request-count'

/** Becoming a member by an invitation. Each function is one synchronous block, on behalf of anybody. */

function standingOf({ sql, members }: GroupContext, userId: string): GroupStanding {
  if (members.member(userId)) return 'member'
  return requests.find(sql, userId) ? 'requested' : 'none'
}

/**
 * The invitation, and how the user stands to the group. For who has used it already, it need not be usable any more. A
 * secret that is wrong, a user who is banned and a group that has ended make no difference to the caller.
 */
function findFor(context: GroupContext, userId: string, secret: string) {
  const { sql, facts, now } = context
  const invite = matching(context, secret)
  const standing = standingOf(context, userId)
  const isBanned = bans.isBanned(sql, userId)
  if (!invite || isBanned || facts.row.ended_at !== null) return undefined
  return standing !== 'none' || invites.isUsable(invite, now) ? { invite, standing } : undefined
}

/** What somebody gets to see before they join. */
export function findInvitation(context: GroupContext, userId: string, secret: string): Outcome<GroupInvitation> {
  const found = findFor(context, userId, secret)
  if (!found) return refuse('invite_not_found')
  const { title, about } = context.facts.row
  return done({
    title,
    about,
    memberCount: context.members.present().length,
    needsApproval: found.invite.needs_approval === 1,
    standing: found.standing,
  })
}

/** Joins, or asks to. Who has done so already stays as they are, and uses the invitation no further. */
export function join(context: GroupContext, actor: Actor, secret: string): Outcome<Joined> {
  const { members, now } = context
  const found = findFor(context, actor.userId, secret)
  if (!found) return refuse('invite_not_found')
  const { invite, standing } = found
  const me = members.member(actor.userId)
  if (me) return done({ standing: 'member', membership: toMembership(context, me) })
  const isDirect = invite.needs_approval === 0 && invites.isUsable(invite, now)
  if (standing === 'requested' && !isDirect) return done({ standing })
  return isDirect ? enterBy(context, actor, invite) : request(context, actor, invite)
}

function enterBy(context: GroupContext, actor: Actor, { id }: invites.InviteRow): Outcome<Joined> {
  const { userId } = actor
  if (!hasRoom(context, [userId])) return refuse('group_full')
  invites.noteUse(context.sql, id)
  const me = enter(context, actor, 'member')
  writeEvent(context, userId, { type: 'memberJoined', userIds: [userId], title: null, role: null })
  return done({ standing: 'member', membership: toMembership(context, me) })
}

function request(context: GroupContext, { userId, profile }: Actor, { id }: invites.InviteRow): Outcome<Joined> {
  const { sql, facts, now } = context
  if (facts.row.join_request_count >= limits.groupJoinRequestsMax) return refuse('join_requests_full')
  invites.noteUse(sql, id)
  const asked = JSON.stringify(toGroupProfile(profile))
  requests.insert(sql, { user_id: userId, invite_id: id, profile: asked, requested_at: now })
  countRequest(context, 1)
  return done({ standing: 'requested' })
}
