import type { Message } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerContext } from '../context'
import type { OwnReaction } from '../tables/messages'
import * as messages from '../tables/messages'
import { locateForChange, saveOwnChange } from './message-changes'
import { toMessage } from './to-wire'

/** Changes the owner's reactions to a message from either side. An unchanged list is not a change. */
function change(
  context: CallerContext,
  chatId: string,
  messageId: string,
  to: (reactions: OwnReaction[], revision: number) => OwnReaction[],
): Outcome<Message> {
  const found = locateForChange(context, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  const reactions = to(messages.ownReactionsOf(row), chat.revision + 1)
  if (reactions.length > limits.reactionsMax) return refuse('reactions_full')
  const own_reactions = messages.storedReactions(reactions)
  if (own_reactions === row.own_reactions) return done(toMessage(context, row, chat))
  const saved = saveOwnChange(context, chat, { ...row, own_reactions })
  return done(toMessage(context, saved.row, saved.chat))
}

export const addReaction = (context: CallerContext, chatId: string, messageId: string, emoji: string) =>
  change(context, chatId, messageId, (reactions, revision) =>
    reactions.some((one) => one.emoji === emoji) ? reactions : [...reactions, { emoji, revision }],
  )

export const removeReaction = (context: CallerContext, chatId: string, messageId: string, emoji: string) =>
  change(context, chatId, messageId, (reactions) => reactions.filter((one) => one.emoji !== emoji))
