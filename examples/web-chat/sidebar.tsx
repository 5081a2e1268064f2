import { useState } from 'preact/hooks'
import type { Account } from './account'
import { Avatar } from './avatar'
import { ChatList } from './chat-list'
import { NewChatIcon, SearchIcon } from './icons'
import type { Place } from './place'
import { SearchResults } from './search-results'
import { SignOut } from './sign-out'

interface SidebarProps {
  account: Account
  place: Place | undefined
  onOpen: (place: Place) => void
  onNewChat: () => void
  onProfile: () => void
}

function Header({ account, onNewChat, onProfile }: Pick<SidebarProps, 'account' | 'onNewChat' | 'onProfile'>) {
  const name = account.people.ownName()
  return (
    <header class="bar">
      <button
        type="button"
        class="profile"
        aria-label={name ? `${name}: your account` : 'Your account'}
        onClick={onProfile}
      >
        <Avatar id={account.me?.id ?? ''} name={name} url={account.me?.avatarUrl} />
        <span class="profile-name" dir="auto">
          {name}
        </span>
      </button>
      <button type="button" class="icon-button" aria-label="New chat" title="New chat" onClick={onNewChat}>
        <NewChatIcon />
      </button>
      <SignOut account={account} />
    </header>
  )
}

/** Always in the page, so that screen readers announce changes. */
function ConnectionState({ account }: { account: Account }) {
  return (
    <p class="connection" role="status" data-state={account.connection}>
      {account.connection === 'connecting' && (
        <>
          <span class="spinner" />
          Connecting… Your messages will be sent once you’re back online.
        </>
      )}
    </p>
  )
}

export function Sidebar({ account, place, onOpen, onNewChat, onProfile }: SidebarProps) {
  const [words, setWords] = useState('')
  const isSearching = words.trim() !== ''
  return (
    <nav class="sidebar" aria-label="Chats">
      <Header {...{ account, onNewChat, onProfile }} />
      <h1 class="hidden">Chats</h1>
      <search class="search">
        <SearchIcon />
        <input
          type="search"
          dir="auto"
          aria-label="Search messages"
          placeholder="Search"
          maxLength={100}
          value={words}
          onInput={({ currentTarget }) => setWords(currentTarget.value)}
        />
      </search>
      <ConnectionState account={account} />
      <div class="scrolls">
        {isSearching ? (
          <SearchResults {...{ account, words, onOpen }} />
        ) : (
          <ChatList {...{ account, place, onOpen, onNewChat }} />
        )}
      </div>
    </nav>
  )
}
