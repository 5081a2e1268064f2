import { useState } from 'preact/hooks'
import type { Chat } from '../typescript/schema'
import type { Account } from './account'
import { ChatRow } from './chat-row'
import { LoadState } from './load-state'
import type { Place } from './place'
import { useRoving } from './roving'

interface ChatListProps {
  account: Account
  place: Place | undefined
  onOpen: (place: Place) => void
  onNewChat: () => void
}

interface Rows extends Omit<ChatListProps, 'onNewChat'> {
  chats: Chat[]
}

/** One tab stop, with arrow keys. */
function ChatRows({ account, chats, place, onOpen, label }: Rows & { label: string }) {
  const roving = useRoving(
    chats.map(({ id }) => id),
    place?.chatId,
  )
  return (
    <ul class="rows" aria-label={label} {...roving.list}>
      {chats.map((chat) => (
        <ChatRow
          key={chat.id}
          {...{ account, chat }}
          isOpen={place?.chatId === chat.id}
          onOpen={() => onOpen({ chatId: chat.id })}
          {...roving.rowOf(chat.id)}
        />
      ))}
    </ul>
  )
}

/** The archived chats, one click away. */
function Archived({ chats, ...props }: Rows) {
  const [isOpen, setIsOpen] = useState(false)
  if (chats.length === 0) return null
  return (
    <>
      <button type="button" class="plain archived" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        Archived ({chats.length})
      </button>
      {isOpen && <ChatRows label="Archived chats" {...{ chats, ...props }} />}
    </>
  )
}

export function ChatList({ account, place, onOpen, onNewChat }: ChatListProps) {
  const chats = account.chats()
  const props = { account, place, onOpen }
  if (chats.length === 0 && account.loading !== 'loaded') return <LoadState account={account} what="your chats" />
  if (chats.length === 0)
    return (
      <div class="empty">
        <p>You have no chats yet.</p>
        <button type="button" class="plain" onClick={onNewChat}>
          Find someone by phone number
        </button>
      </div>
    )
  return (
    <>
      <ChatRows label="Chats" chats={chats.filter(({ archived }) => !archived)} {...props} />
      <Archived chats={chats.filter(({ archived }) => archived)} {...props} />
    </>
  )
}
