import type { Message } from '../../../schemas/message'
import type { ReactionPlace, ReactionsQuery, UserReaction } from '../../../schemas/user-reaction'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import { cutPage, type Page } from '../../durable/page'
import { namedOwner, namedPeer } from '../contacts/shown-user'
import type { CallerContext } from '../context'
import type { MessageRow, OwnReaction } from '../tables/message-row'
import * as messages from '../tables/messages'
import { chargeChange, locateForChange, locateMessage, saveOwnChange } from './message-changes'
import { accepted } from './requests'
import { inOrder, placedReactions, toMessage } from './to-wire'

/** The owner's reactions to a message: those it has, and those that were taken back. */
interface OwnReactions {
  present: OwnReaction[]
  removed: OwnReaction[]
}

/** The present time, but later than that of every reaction that the message has, even if the clock went back. */
function timeAfter(row: MessageRow, now: number): number {
  const own = messages.ownReactionsOf(row).map(({ at = 0 }) => at)
  return Math.max(now, ...[...own, ...Object.values(messages.peerReactedAt(row))].map((at) => at + 1))
}

/**
 * Changes the owner's reactions to a message of either side; an unchanged list is no change. A reaction that was taken
 * back stays on record with its revision, so that the peer's mailbox can tell when that was.
 */
function change(
  context: CallerContext,
  chatId: string,
  messageId: string,
  to: (reactions: OwnReactions, now: { revision: number; at: number }) => OwnReactions,
): Outcome<Message> {
  const found = locateForChange(context, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  const before = { present: messages.ownReactionsOf(row), removed: messages.removedReactionsOf(row) }
  const { present, removed } = to(before, { revision: chat.revision + 1, at: timeAfter(row, context.now) })
  if (present.length > limits.reactionsMax) return refuse('reactions_full')
  const own_reactions = messages.storedReactions(present)
  if (own_reactions === row.own_reactions) return done(toMessage(context, row, chat))
  const charged = chargeChange(context, chat)
  if (!charged.ok) return charged
  const removed_reactions = messages.storedReactions(removed.slice(-limits.removedReactionsMax))
  const saved = saveOwnChange(context, accepted(context, charged.value), { ...row, own_reactions, removed_reactions })
  return done(toMessage(context, saved.row, saved.chat))
}

const without = (reactions: OwnReaction[], emoji: string) => reactions.filter((one) => one.emoji !== emoji)

export const addReaction = (context: CallerContext, chatId: string, messageId: string, emoji: string) =>
  change(context, chatId, messageId, ({ present, removed }, { revision, at }) =>
    present.some((one) => one.emoji === emoji)
      ? { present, removed }
      : { present: [...present, { emoji, revision, at }], removed: without(removed, emoji) },
  )

export const removeReaction = (context: CallerContext, chatId: string, messageId: string, emoji: string) =>
  change(context, chatId, messageId, ({ present, removed }, { revision }) => ({
    present: without(present, emoji),
    removed: [...without(removed, emoji), { emoji, revision }],
  }))

export type ReactionsPage = Page<UserReaction, ReactionPlace>

/** The reactions to a message with an emoji, or with any, in the order in which they were added. */
export function listReactions(
  context: CallerContext,
  chatId: string,
  messageId: string,
  { emoji, after, limit }: ReactionsQuery,
): Outcome<ReactionsPage> {
  const found = locateMessage(context, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  const rest = placedReactions(context.userId, row).filter(
    (one) => (emoji === null || one.emoji === emoji) && (after === null || inOrder(one, after) > 0),
  )
  const toItem = (one: ReactionPlace) => ({
    user: one.userId === context.userId ? namedOwner(context) : namedPeer(context, chat),
    emoji: one.emoji,
  })
  return done(cutPage(rest, { limit, toItem, placeOf: (one) => one }))
}
