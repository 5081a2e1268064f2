import type { Message } from '../../../schemas/message'
import { limits } from '../../../src/core/limits'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerBox } from '../context'
import type { OwnReaction } from '../tables/messages'
import * as messages from '../tables/messages'
import { locateForChange, saveOwnChange } from './actions'
import { toMessage } from './to-wire'

/** Changes the owner's reactions to a message of either side; an unchanged list is no change. */
function change(
  box: CallerBox,
  chatId: string,
  messageId: string,
  to: (reactions: OwnReaction[], revision: number) => OwnReaction[],
): Outcome<Message> {
  const found = locateForChange(box, chatId, messageId)
  if (!found.ok) return found
  const { chat, row } = found.value
  const reactions = to(messages.ownReactionsOf(row), chat.revision + 1)
  if (reactions.length > limits.reactionsMax) return refuse('reactions_full')
  const own_reactions = messages.storedReactions(reactions)
  if (own_reactions === row.own_reactions) return done(toMessage(box, row, chat))
  const saved = saveOwnChange(box, chat, { ...row, own_reactions })
  return done(toMessage(box, saved.row, saved.chat))
}

export const add = (box: CallerBox, chatId: string, messageId: string, emoji: string) =>
  change(box, chatId, messageId, (reactions, revision) =>
    reactions.some((one) => one.emoji === emoji) ? reactions : [...reactions, { emoji, revision }],
  )

export const remove = (box: CallerBox, chatId: string, messageId: string, emoji: string) =>
  change(box, chatId, messageId, (reactions) => reactions.filter((one) => one.emoji !== emoji))
