import { useState } from 'preact/hooks'
import { isGroup } from '../typescript/state'
import type { Account } from './account'
import { Avatar } from './avatar'
import { BlockedBar } from './blocked-bar'
import { ChatMenu } from './chat-menu'
import { Composer } from './composer'
import { lastSeen } from './dates'
import { GroupDialog } from './group-dialog'
import { BackIcon, GroupIcon } from './icons'
import { MessageLog } from './message-log'
import type { Place } from './place'
import { RequestBar } from './request-bar'
import type { Subject } from './subject'
import { saidOfTyping } from './typing'

interface ConversationProps {
  account: Account
  place: Place
  onBack: () => void
}

const saidOfMembers = (count: number) => `${count} member${count === 1 ? '' : 's'}`

function stateOf(account: Account, chatId: string) {
  if (account.connection === 'connecting') return 'connecting…'
  const typing = saidOfTyping(account, chatId)
  if (typing) return typing
  const { group } = account.chat(chatId) ?? {}
  if (group) return saidOfMembers(group.memberCount)
  const presence = account.presenceOf(chatId)
  if (presence?.online) return 'online'
  return presence?.lastSeenAt ? lastSeen(presence.lastSeenAt) : ''
}

/** Takes the composer's place where only admins write. */
const AdminsOnly = () => (
  <section class="request" aria-label="Only admins write">
    <p>Only admins can write in this group.</p>
  </section>
)

function isReadOnly(account: Account, chatId: string) {
  const { group } = account.chat(chatId) ?? {}
  return group?.settings.sendBy === 'admins' && group.role === 'member'
}

function Header({ account, place, onBack }: ConversationProps) {
  const { name, avatarUrl } = account.people.of(place.chatId)
  const [isOpen, setIsOpen] = useState(false)
  return (
    <header class="bar">
      <button type="button" class="icon-button back" aria-label="Back to chats" onClick={onBack}>
        <BackIcon />
      </button>
      <Avatar id={place.chatId} name={name} url={avatarUrl} />
      <div class="bar-text">
        <h1 dir="auto">{name}</h1>
        <p class="bar-state" dir="auto" role="status">
          {stateOf(account, place.chatId)}
        </p>
      </div>
      {isGroup(place.chatId) && (
        <button
          type="button"
          class="icon-button"
          aria-label="Group info"
          title="Group info"
          onClick={() => setIsOpen(true)}
        >
          <GroupIcon />
        </button>
      )}
      <ChatMenu {...{ account, onBack }} chatId={place.chatId} />
      {isOpen && <GroupDialog {...{ account }} groupId={place.chatId} onClose={() => setIsOpen(false)} />}
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
      {isReadOnly(account, place.chatId) && <AdminsOnly />}
      {isBlocked && <BlockedBar account={account} chatId={place.chatId} />}
      {!isBlocked && !isReadOnly(account, place.chatId) && (
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
