import type { Chat, ChatSettings } from '../../../schemas/chat'
import { fromTimestamp } from '../../../src/core/timestamp'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerContext } from '../context'
import type { ChatRow } from '../tables/chats'
import { past } from '../tables/visible-messages'
import { emptyLater } from './clearing'
import { accept } from './requests'
import { toChat } from './to-wire'

/** The owner's settings for their own view of a chat. The peer learns nothing of them but that a request was accepted. */

const flag = (given: boolean | undefined, present: number) => (given === undefined ? present : given ? 1 : 0)

/** A mute that is over is none. */
function muteOf(mutedUntil: string | null, now: number): number {
  const until = mutedUntil === null ? 0 : fromTimestamp(mutedUntil)
  return until > now ? until : 0
}

const withSettings = (
  chat: ChatRow,
  { pinned, archived, markedUnread, mutedUntil }: ChatSettings,
  now: number,
): ChatRow => ({
  ...chat,
  pinned: flag(pinned, chat.pinned),
  archived: flag(archived, chat.archived),
  marked_unread: flag(markedUnread, chat.marked_unread),
  muted_until: mutedUntil === undefined ? chat.muted_until : muteOf(mutedUntil, now),
})

const noMentions = refuse('invalid_request', [
  { pointer: '/notifyMentions', code: 'custom', detail: 'Only groups have mentions.' },
])

const isSame = (a: ChatRow, b: ChatRow) =>
  a.pinned === b.pinned &&
  a.archived === b.archived &&
  a.marked_unread === b.marked_unread &&
  a.muted_until === b.muted_until

export function updateChat(context: CallerContext, chatId: string, settings: ChatSettings): Outcome<Chat> {
  const chat = context.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  if (settings.notifyMentions) return noMentions
  const changed = withSettings(chat, settings, context.now)
  const saved = isSame(chat, changed) ? chat : context.chats.saveVisible(changed, context.now)
  return done(toChat(context, settings.accepted ? accept(context, saved) : saved))
}

/**
 * Clears what the mailbox holds of a chat now. A message from the peer that arrives later is visible, whatever its id.
 */
export function clearChat(context: CallerContext, chatId: string): Outcome<null> {
  const chat = context.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const cleared: ChatRow = {
    ...chat,
    cleared_own_id: chat.own_id,
    cleared_peer_id: chat.peer_own_id,
    // Sorts after every id held, and before every id minted from now on. A late message of the peer's moves it back.
    visible_from: past(chat.greatest_id),
    last_message_id: '',
    unread_count: 0,
    marked_unread: 0,
  }
  const nothing = chat.last_message_id === '' && chat.unread_count === 0 && chat.marked_unread === 0
  if (nothing && chat.own_id <= chat.cleared_own_id && chat.peer_own_id <= chat.cleared_peer_id) return done(null)
  context.chats.saveVisible(cleared, context.now)
  emptyLater(context, chat)
  return done(null)
}
