import type { ReactionPlace, ReactionsQuery } from '../../../schemas/user-reaction'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import { toMessage } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { ChangedMessage, GroupReactionsPage, Reacting } from '../shapes'
import { profileOf } from '../tables/members'
import { type GroupMessageRow, reactionsOf, type StoredReaction, update } from '../tables/messages'
import * as rows from '../tables/reactions'
import { locate, locateForChange } from './changes'

/** Reactions of members, of which a message names how many there are of each, and the first who chose it. */

const shown = limits.groupReactionUsersShown

function save(context: MemberContext, row: GroupMessageRow, reactions: StoredReaction[]): Outcome<ChangedMessage> {
  const stored = reactions.length > 0 ? JSON.stringify(reactions) : null
  const changed = { ...row, reactions: stored, seq: context.change('common') }
  update(context.sql, changed)
  return done({ message: toMessage(context, context.me, changed), changed: true })
}

const replaced = (reactions: StoredReaction[], by: StoredReaction) =>
  reactions.map((one) => (one.emoji === by.emoji ? by : one))

export const react = (context: MemberContext, messageId: string, reacting: Reacting): Outcome<ChangedMessage> =>
  reacting.isOn ? add(context, messageId, reacting) : remove(context, messageId, reacting)

function add(context: MemberContext, messageId: string, { emoji, waitSeconds }: Reacting): Outcome<ChangedMessage> {
  const { sql, me } = context
  const found = locateForChange(context, messageId)
  if (!found.ok) return found
  const row = found.value
  if (rows.has(sql, messageId, emoji, me.user_id)) return done({ message: toMessage(context, me, row), changed: false })
  const reactions = reactionsOf(row)
  const present = reactions.find((one) => one.emoji === emoji)
  if (!present && reactions.length >= limits.groupReactionsMax) return refuse('reactions_full')
  if (waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: waitSeconds }
  rows.add(sql, messageId, emoji, me.user_id, context.change('common'))
  if (!present) return save(context, row, [...reactions, { emoji, count: 1, userIds: [me.user_id] }])
  const userIds = present.userIds.length < shown ? [...present.userIds, me.user_id] : present.userIds
  return save(context, row, replaced(reactions, { emoji, count: present.count + 1, userIds }))
}

function remove(context: MemberContext, messageId: string, { emoji, waitSeconds }: Reacting): Outcome<ChangedMessage> {
  const { sql, me } = context
  const found = locateForChange(context, messageId)
  if (!found.ok) return found
  const row = found.value
  if (!rows.has(sql, messageId, emoji, me.user_id))
    return done({ message: toMessage(context, me, row), changed: false })
  if (waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: waitSeconds }
  rows.remove(sql, messageId, emoji, me.user_id)
  const reactions = reactionsOf(row)
  const count = (reactions.find((one) => one.emoji === emoji)?.count ?? 1) - 1
  if (count === 0)
    return save(
      context,
      row,
      reactions.filter((one) => one.emoji !== emoji),
    )
  const userIds = rows.firstOf(sql, messageId, emoji, 0, shown).map(({ user_id }) => user_id)
  return save(context, row, replaced(reactions, { emoji, count, userIds }))
}

/**
 * Who has reacted with an emoji, or with any, in the order in which they did. Each kind has an order of its own, of which as
 * much is read as may fit.
 */
export function listReactions(
  context: MemberContext,
  messageId: string,
  { emoji, after, limit }: ReactionsQuery,
): Outcome<GroupReactionsPage> {
  const { sql, members } = context
  const found = locate(context, messageId)
  if (!found.ok) return found
  const kinds = reactionsOf(found.value).filter((one) => emoji === null || one.emoji === emoji)
  const first = kinds
    .flatMap((kind) =>
      rows
        .firstOf(sql, messageId, kind.emoji, after?.at ?? 0, limit + 1)
        .map(({ user_id: userId, seq: at }): ReactionPlace => ({ at, emoji: kind.emoji, userId })),
    )
    .toSorted((a, b) => a.at - b.at)
  const reactions = first.flatMap((place) => {
    const member = members.find(place.userId)
    return member ? { place, profile: profileOf(member) } : []
  })
  const toItem = ({ place, profile }: (typeof reactions)[number]) => ({ emoji: place.emoji, profile })
  return done(cutPage(reactions, { limit, toItem, placeOf: ({ place }) => place }))
}
