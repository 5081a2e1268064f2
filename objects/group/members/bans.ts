import type { GroupBan } from '../../../src/core/group'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Page } from '../../durable/page'
import type { MemberContext } from '../context'
import { writeEvent } from '../messages/events'
import * as bans from '../tables/bans'
import { exit, isAdmin, outranks } from './membership'
import { dropRequest } from './request-count'

/** Keeps users out of a group. Each function is one synchronous block. */

const toBan = ({ members }: MemberContext, { user_id, banned_by, banned_at }: bans.BanRow): GroupBan => {
  const known = members.find(user_id)
  return {
    userId: user_id,
    profile: known ? JSON.parse(known.profile) : null,
    bannedBy: banned_by,
    bannedAt: banned_at,
  }
}

/** Members are told about those whom they know: who is, or was, one of them. */
function tell(context: MemberContext, type: 'memberBanned' | 'memberUnbanned', userId: string) {
  if (!context.members.find(userId)) return
  writeEvent(context, context.me.user_id, { type, userIds: [userId], title: null, role: null })
}

/** Bans a user, who need not be a member. A member is removed. */
export function ban(context: MemberContext, userId: string): Outcome<GroupBan> {
  const { me, members, sql, facts, now } = context
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  if (userId === me.user_id) return refuse('own_user')
  const known = bans.find(sql, userId)
  if (known) return done(toBan(context, known))
  const member = members.member(userId)
  if (member && !outranks(me, member)) return refuse('not_allowed_in_group')
  if (facts.row.ban_count >= limits.groupBansMax) return refuse('bans_full')
  const row: bans.BanRow = { user_id: userId, banned_by: me.user_id, banned_at: now }
  bans.add(sql, row)
  facts.save({ ...facts.row, ban_count: facts.row.ban_count + 1 })
  dropRequest(context, userId)
  if (member) exit(context, member)
  tell(context, 'memberBanned', userId)
  return done(toBan(context, row))
}

/** Lifts a ban, which makes nobody a member again. */
export function unban(context: MemberContext, userId: string): Outcome<null> {
  const { sql, facts } = context
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  if (!bans.isBanned(sql, userId)) return done(null)
  bans.remove(sql, userId)
  facts.save({ ...facts.row, ban_count: facts.row.ban_count - 1 })
  tell(context, 'memberUnbanned', userId)
  return done(null)
}

export function listBans(context: MemberContext, after: string | null, limit: number): Outcome<Page<GroupBan, string>> {
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  const rows = bans.after(context.sql, after ?? '', limit + 1)
  const shown = rows.slice(0, limit)
  return done({
    items: shown.map((row) => toBan(context, row)),
    next: rows.length > limit ? (shown.at(-1)?.user_id ?? null) : null,
  })
}
