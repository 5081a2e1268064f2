import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { GroupInvite } from '../../../src/core/group'
import { mintId } from '../../../src/core/ids'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { Page } from '../../durable/page'
import type { GroupContext, MemberContext } from '../context'
import type { NewInvite } from '../shapes'
import * as invites from '../tables/invites'
import { isAdmin } from './membership'

/** The codes by which others can join. Each function is one synchronous block. */

const secretBytes = 16

const toInvite = (row: invites.InviteRow): GroupInvite => ({
  id: row.id,
  secret: row.secret,
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  maxUses: row.max_uses,
  uses: row.uses,
  needsApproval: row.needs_approval === 1,
})

const usable = ({ sql, now }: GroupContext) => invites.all(sql).filter((row) => invites.isUsable(row, now))

/**
 * Forgets what has expired, and the oldest of what is used up: whoever has joined by the last use and lost the answer can
 * still repeat the call.
 */
function forgetOld({ sql, now }: GroupContext) {
  const all = invites.all(sql)
  const usedUp = all.filter((row) => !invites.isExpired(row, now) && !invites.isUsable(row, now))
  const old = [
    ...all.filter((row) => invites.isExpired(row, now)),
    ...usedUp.slice(0, Math.max(0, usedUp.length - limits.groupInvitesMax)),
  ]
  if (old.length > 0)
    invites.remove(
      sql,
      old.map(({ id }) => id),
    )
}

export function createInvite(context: MemberContext, invite: NewInvite): Outcome<GroupInvite> {
  const { sql, me, now } = context
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  forgetOld(context)
  if (usable(context).length >= limits.groupInvitesMax) return refuse('invites_full')
  const row: invites.InviteRow = {
    id: mintId('invite', now),
    secret: randomBytes(secretBytes).toString('base64url'),
    created_by: me.user_id,
    created_at: now,
    expires_at: invite.expiresInSeconds === null ? null : now + invite.expiresInSeconds * 1000,
    max_uses: invite.maxUses,
    uses: 0,
    needs_approval: invite.needsApproval ? 1 : 0,
  }
  invites.insert(sql, row)
  return done(toInvite(row))
}

/** Invitations that can still be used, newest first, before one of them. */
export function listInvites(
  context: MemberContext,
  before: string | null,
  limit: number,
): Outcome<Page<GroupInvite, string>> {
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  const rows = usable(context)
    .filter(({ id }) => before === null || id < before)
    .toReversed()
  const shown = rows.slice(0, limit)
  return done({ items: shown.map(toInvite), next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null })
}

export function revokeInvite(context: MemberContext, inviteId: string): Outcome<null> {
  if (!isAdmin(context)) return refuse('not_allowed_in_group')
  invites.remove(context.sql, [inviteId])
  return done(null)
}

const digest = (text: string) => createHash('sha256').update(text).digest()

/** The invitation with this secret, which may be used up or expired. How long it takes does not depend on the secret. */
export function matching({ sql }: GroupContext, secret: string): invites.InviteRow | undefined {
  const given = digest(secret)
  return invites.all(sql).filter((row) => timingSafeEqual(digest(row.secret), given))[0]
}
