import type { Chat, ChatSettings } from '../../../schemas/chat'
import { done, type Outcome, refuse } from '../../durable/outcome'
import type { CallerBox } from '../context'
import type { ChatRow } from '../tables/chats'
import * as search from './search'
import { toChat } from './to-wire'

/** What the owner decides of a chat for their own view of it; the peer learns nothing. */

const flag = (given: boolean | undefined, present: number) => (given === undefined ? present : given ? 1 : 0)

const withSettings = (chat: ChatRow, { pinned, archived, markedUnread, mutedUntil }: ChatSettings): ChatRow => ({
  ...chat,
  pinned: flag(pinned, chat.pinned),
  archived: flag(archived, chat.archived),
  marked_unread: flag(markedUnread, chat.marked_unread),
  muted_until: mutedUntil === undefined ? chat.muted_until : mutedUntil === null ? 0 : Date.parse(mutedUntil),
})

const isSame = (a: ChatRow, b: ChatRow) =>
  a.pinned === b.pinned &&
  a.archived === b.archived &&
  a.marked_unread === b.marked_unread &&
  a.muted_until === b.muted_until

export function update(box: CallerBox, chatId: string, settings: ChatSettings): Outcome<Chat> {
  const chat = box.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const changed = withSettings(chat, settings)
  return done(toChat(box, isSame(chat, changed) ? chat : box.chats.saveVisible(changed, box.now)))
}

/** Clears what the mailbox holds of a chat now. A message of the peer's that comes later shows, whatever its id. */
export function clear(box: CallerBox, chatId: string): Outcome<null> {
  const chat = box.chats.find(chatId)
  if (!chat) return refuse('chat_not_found')
  const cleared: ChatRow = {
    ...chat,
    cleared_own_id: chat.own_id,
    cleared_peer_id: chat.peer_own_id,
    last_message_id: '',
    unread_count: 0,
    marked_unread: 0,
  }
  const nothing = chat.last_message_id === '' && chat.unread_count === 0 && chat.marked_unread === 0
  if (!nothing || chat.own_id > chat.cleared_own_id || chat.peer_own_id > chat.cleared_peer_id)
    search.clear(box, box.chats.saveVisible(cleared, box.now))
  return done(null)
}
