import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { toMessage } from '../changes/to-member'
import type { MemberContext } from '../context'
import type { ChangedMessage, Reacting } from '../shapes'
import { type GroupMessageRow, reactionsOf, type StoredReaction, update } from '../tables/messages'
import * as rows from '../tables/reactions'
import { locateForChange } from './changes'

/** Reactions of members, of which a message names how many there are of each, and the first who chose it. */

const shown = limits.groupReactionUsersShown
const beginning = { at: 0, userId: '' }

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
  const { sql, me, now } = context
  const found = locateForChange(context, messageId)
  if (!found.ok) return found
  const row = found.value
  if (rows.has(sql, messageId, emoji, me.user_id)) return done({ message: toMessage(context, me, row), changed: false })
  const reactions = reactionsOf(row)
  const present = reactions.find((one) => one.emoji === emoji)
  if (!present && reactions.length >= limits.groupReactionsMax) return refuse('reactions_full')
  if (waitSeconds !== null) return { ok: false, code: 'sends_exhausted', retryAfterSeconds: waitSeconds }
  rows.add(sql, messageId, emoji, me.user_id, now)
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
  const userIds = rows.firstOf(sql, messageId, emoji, beginning, shown).map(({ user_id }) => user_id)
  return save(context, row, replaced(reactions, { emoji, count, userIds }))
}
