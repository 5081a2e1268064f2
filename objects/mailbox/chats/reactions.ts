import type { Message } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerContext } from '../context'
import type { MessageRow, OwnReaction } from '../tables/message-row'
import * as messages from '../tables/messages'
import { chargeChange, locateForChange, saveOwnChange } from './message-changes'
import { accepted } from './requests'
import { toMessage } from './to-wire'

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
