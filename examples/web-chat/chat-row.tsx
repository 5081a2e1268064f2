import type { Chat } from '../typescript/schema'
import { isGroup } from '../typescript/state'
import type { Account } from './account'
import { Avatar } from './avatar'
import { isMuted } from './chat-state'
import { shortTime } from './dates'
import { isolated } from './direction'
import { MutedIcon, PinnedIcon } from './icons'
import { summaryOf } from './summary'
import { Ticks } from './ticks'
import { saidOfTyping } from './typing'

function LastMessage({ account, chat }: { account: Account; chat: Chat }) {
  const message = chat.lastMessage
  const pending = account.pendingIn(chat.id).at(-1)
  const typing = saidOfTyping(account, chat.id)
  if (typing) return <span class="row-typing">{typing}</span>
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
      {isGroup(chat.id) && status === null && message.event === null && (
        <span class="row-sender">{isolated(account.people.author(message.senderId))}: </span>
      )}
      {summaryOf(message, account.people)}
    </span>
  )
}

/** Read out, not shown: the rest of the row's name is what the row shows. */
const Spoken = ({ children }: { children: string }) => <span class="hidden">{children}</span>

/** In a group, so many stand for that many or more. */
const countedMax = 1_000

function Badge({ kind, unreadCount, markedUnread }: Chat) {
  if (unreadCount === 0 && !markedUnread) return null
  const isMore = kind === 'group' && unreadCount >= countedMax
  return (
    <span class="badge">
      <Spoken>, </Spoken>
      {unreadCount || ''}
      {isMore && '+'}
      <Spoken>{unreadCount > 0 ? ` unread message${unreadCount === 1 ? '' : 's'}` : 'marked as unread'}</Spoken>
    </span>
  )
}

/** How many unread messages mention the user. */
function Mentions({ mentionCount }: Chat) {
  if (mentionCount === 0) return null
  return (
    <span class="badge mentions">
      <Spoken>, </Spoken>
      <span aria-hidden="true">@{mentionCount > 1 && mentionCount}</span>
      <Spoken>{mentionCount === 1 ? 'you are mentioned' : `you are mentioned ${mentionCount} times`}</Spoken>
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
          <span class="row-badges">
            <Mentions {...chat} />
            <Badge {...chat} />
          </span>
        </span>
      </button>
    </li>
  )
}
