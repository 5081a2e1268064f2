import { useState } from 'preact/hooks'
import type { Account } from './account'
import { Avatar } from './avatar'
import { BlockedBar } from './blocked-bar'
import { ChatMenu } from './chat-menu'
import { Composer } from './composer'
import { lastSeen } from './dates'
import { BackIcon } from './icons'
import { MessageLog } from './message-log'
import type { Place } from './place'
import { RequestBar } from './request-bar'
import type { Subject } from './subject'

interface ConversationProps {
  account: Account
  place: Place
  onBack: () => void
}

function stateOf(account: Account, chatId: string) {
  if (account.connection === 'connecting') return 'connecting…'
  if (account.isTyping(chatId)) return 'typing…'
  const presence = account.presenceOf(chatId)
  if (presence?.online) return 'online'
  return presence?.lastSeenAt ? lastSeen(presence.lastSeenAt) : ''
}

function Header({ account, place, onBack }: ConversationProps) {
  const { name, avatarUrl } = account.people.of(place.chatId)
  return (
    <header class="bar">
      <button type="button" class="icon-button back" aria-label="Back to chats" onClick={onBack}>
        <BackIcon />
      </button>
      <Avatar id={place.chatId} name={name} url={avatarUrl} />
      <div class="bar-text">
        <h1 dir="auto">{name}</h1>
        <p class="bar-state" role="status">
          {stateOf(account, place.chatId)}
        </p>
      </div>
      <ChatMenu {...{ account, onBack }} chatId={place.chatId} />
    </header>
  )
}

export function Conversation({ account, place, onBack }: ConversationProps) {
  const [subject, setSubject] = useState<Subject>()
  const isBlocked = account.isBlocked(place.chatId)
  return (
    <>
      <Header {...{ account, place, onBack }} />
      <MessageLog {...{ account, place }} onSubject={setSubject} />
      <RequestBar {...{ account, onBack }} chatId={place.chatId} />
      {isBlocked ? (
        <BlockedBar account={account} chatId={place.chatId} />
      ) : (
        <Composer
          key={subject?.kind === 'edit' ? subject.message.id : 'new'}
          chatId={place.chatId}
          {...{ account, subject }}
          onDone={() => setSubject(undefined)}
        />
      )}
    </>
  )
}
