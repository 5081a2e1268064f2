import type { GroupJoinRequest } from '../../../src/core/group'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Page } from '../../durable/page'
import type { MemberContext } from '../context'
import { writeEvent } from '../messages/events'
import type { AddAnswer } from '../shapes'
import * as requests from '../tables/join-requests'
import type { MemberRow } from '../tables/members'
import { enter, hasRoom, isAdmin } from './membership'
import { dropRequest } from './request-count'

/** What owners and admins do with requests to join. Each function is one synchronous block. */

export function listRequests(
  context: MemberContext,
  after: string | null,
  limit: number,
): Outcome<Page<GroupJoinRequest, string>> {
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  const rows = requests.after(context.sql, after ?? '', limit + 1)
  const shown = rows.slice(0, limit)
  return done({
    items: shown.map((row) => ({
      profile: JSON.parse(row.profile),
      inviteId: row.invite_id,
      requestedAt: row.requested_at,
    })),
    next: rows.length > limit ? (shown.at(-1)?.user_id ?? null) : null,
  })
}

/** The member, if the user is one already; null if their mailbox has to be asked whether they can become one. */
export function beforeApproval(context: MemberContext, userId: string): Outcome<MemberRow | null> {
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  const member = context.members.member(userId)
  if (member) return done(member)
  return requests.find(context.sql, userId) ? done(null) : refuse('join_request_not_found')
}

/** Makes a member of somebody who has asked to be one. The request of an account that is gone is forgotten. */
export function approveRequest(context: MemberContext, userId: string, answer: AddAnswer): Outcome<MemberRow> {
  const before = beforeApproval(context, userId)
  if (!before.ok) return before
  if (before.value) return done(before.value)
  if (!answer.ok) {
    dropRequest(context, userId)
    return refuse('join_request_not_found')
  }
  if (!hasRoom(context, [userId])) return refuse('group_full')
  const member = enter(context, answer.actor, 'member')
  writeEvent(context, context.me.user_id, { type: 'memberJoined', userIds: [userId], title: null, role: null })
  return done(member)
}

export function declineRequest(context: MemberContext, userId: string): Outcome<null> {
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  dropRequest(context, userId)
  return done(null)
}
