import type { Chat, Message } from '../typescript/schema'
import type { Account } from './account'
import { Avatar } from './avatar'
import { shortTime } from './dates'
import type { Place } from './place'
import { Ticks } from './ticks'

interface ChatListProps {
  account: Account
  place: Place | undefined
  onOpen: (place: Place) => void
  onNewChat: () => void
}

export function summaryOf(message: Message) {
  if (message.deletedAt !== null) return 'Deleted message'
  if (message.text !== '') return message.text
  const [first, ...others] = message.attachments
  if (!first) return ''
  const what = first.contentType.startsWith('image/') ? 'Photo' : first.name
  return others.length === 0 ? what : `${what} and ${others.length} more`
}

function LastMessage({ account, chat }: { account: Account; chat: Chat }) {
  const message = chat.lastMessage
  const pending = account.pendingIn(chat.id).at(-1)
  if (account.isTyping(chat.id)) return <span class="row-typing">typing…</span>
  if (pending) return <span class="row-summary">{pending.message.text ?? 'Photo'}</span>
  if (!message) return null
  const status = account.statusOf(message)
  return (
    <span class="row-summary">
      {status !== null && <Ticks status={status} />}
      {summaryOf(message)}
    </span>
  )
}

interface ChatRowProps {
  account: Account
  chat: Chat
  isOpen?: boolean
  onOpen: () => void
}

export const rowIdOf = (chatId: string) => `row-${chatId}`

export function ChatRow({ account, chat, isOpen = false, onOpen }: ChatRowProps) {
  const { name, avatarUrl } = account.people.of(chat.id)
  const hasUnread = chat.unreadCount > 0 || chat.markedUnread
  return (
    <li>
      <button
        type="button"
        class="row"
        id={rowIdOf(chat.id)}
        aria-current={isOpen ? 'true' : undefined}
        onClick={onOpen}
      >
        <Avatar id={chat.id} name={name} url={avatarUrl} online={account.presenceOf(chat.id)?.online} />
        <span class="row-text">
          <span class="row-name">{name}</span>
          <LastMessage {...{ account, chat }} />
        </span>
        <span class="row-side">
          {chat.lastMessage && (
            <time dateTime={chat.lastMessage.createdAt}>{shortTime(chat.lastMessage.createdAt)}</time>
          )}
          {hasUnread && (
            <span class="badge">
              {chat.unreadCount || ''}
              <span class="hidden"> unread</span>
            </span>
          )}
        </span>
      </button>
    </li>
  )
}

export function ChatList({ account, place, onOpen, onNewChat }: ChatListProps) {
  const chats = account.chats()
  if (chats.length === 0)
    return (
      <div class="empty">
        <p>{account.connection === 'connecting' ? 'Loading your chats…' : 'You have no chats yet.'}</p>
        <button type="button" class="plain" onClick={onNewChat}>
          Find someone by phone number
        </button>
      </div>
    )
  return (
    <ul class="rows">
      {chats.map((chat) => (
        <ChatRow
          key={chat.id}
          {...{ account, chat }}
          isOpen={place?.chatId === chat.id}
          onOpen={() => onOpen({ chatId: chat.id })}
        />
      ))}
    </ul>
  )
}
