import type { Chat } from '../typescript/schema'
import type { Account } from './account'
import { Avatar } from './avatar'
import { isMuted } from './chat-state'
import { shortTime } from './dates'
import { MutedIcon, PinnedIcon } from './icons'
import { summaryOf } from './summary'
import { Ticks } from './ticks'

function LastMessage({ account, chat }: { account: Account; chat: Chat }) {
  const message = chat.lastMessage
  const pending = account.pendingIn(chat.id).at(-1)
  if (account.isTyping(chat.id)) return <span class="row-typing">typing…</span>
  if (pending)
    return (
      <span class="row-summary" dir="auto">
        {pending.message.text || 'Attachment'}
      </span>
    )
  if (!message) return null
  const status = account.statusOf(message)
  return (
    <span class="row-summary" dir="auto">
      {status !== null && (
        <>
          <Ticks status={status} />
          <Spoken>: </Spoken>
        </>
      )}
      {summaryOf(message)}
    </span>
  )
}

/** Read out, not shown: the rest of the row's name is what the row shows. */
const Spoken = ({ children }: { children: string }) => <span class="hidden">{children}</span>

function Badge({ unreadCount, markedUnread }: Chat) {
  if (unreadCount === 0 && !markedUnread) return null
  return (
    <span class="badge">
      <Spoken>, </Spoken>
      {unreadCount || ''}
      <Spoken>{unreadCount > 0 ? ` unread message${unreadCount === 1 ? '' : 's'}` : 'marked as unread'}</Spoken>
    </span>
  )
}

function Marks({ chat }: { chat: Chat }) {
  if (!chat.pinned && !isMuted(chat)) return null
  return (
    <span class="row-marks">
      {isMuted(chat) && <MutedIcon />}
      {chat.pinned && <PinnedIcon />}
      <Spoken>{`${isMuted(chat) ? ', muted' : ''}${chat.pinned ? ', pinned' : ''}`}</Spoken>
    </span>
  )
}

interface ChatRowProps {
  account: Account
  chat: Chat
  isOpen?: boolean
  onOpen: () => void
  tabIndex: number
  onFocus: () => void
}

export const rowIdOf = (chatId: string) => `row-${chatId}`

export function ChatRow({ account, chat, isOpen = false, onOpen, ...focus }: ChatRowProps) {
  const { name, avatarUrl } = account.people.of(chat.id)
  return (
    <li>
      <button
        type="button"
        class="row"
        id={rowIdOf(chat.id)}
        aria-current={isOpen ? 'true' : undefined}
        onClick={onOpen}
        {...focus}
      >
        <Avatar id={chat.id} name={name} url={avatarUrl} online={account.presenceOf(chat.id)?.online} />
        <span class="row-text">
          <span class="row-name" dir="auto">
            {name}
            <Spoken>, </Spoken>
          </span>
          <LastMessage {...{ account, chat }} />
        </span>
        <span class="row-side">
          <Spoken>, </Spoken>
          {chat.lastMessage && (
            <time dateTime={chat.lastMessage.createdAt}>{shortTime(chat.lastMessage.createdAt)}</time>
          )}
          <Marks chat={chat} />
          <Badge {...chat} />
        </span>
      </button>
    </li>
  )
}
