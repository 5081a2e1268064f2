import { useEffect, useRef, useState } from 'preact/hooks'
import { isGroup } from '../typescript/state'
import type { Account } from './account'
import { AccountDialog } from './account-dialog'
import { rowIdOf } from './chat-row'
import { Conversation } from './conversation'
import { isolated } from './direction'
import { BubblesIcon } from './icons'
import { NewChat } from './new-chat'
import { NewGroup } from './new-group'
import { useChangesOf } from './observable'
import type { Place } from './place'
import { Sidebar } from './sidebar'
import { toasts } from './toasts'

function NothingOpen({ onNewChat }: { onNewChat: () => void }) {
  return (
    <div class="nothing-open">
      <BubblesIcon />
      <h2>No chat selected</h2>
      <p>Choose a chat on the left, or find someone by phone number.</p>
      <button type="button" class="primary" onClick={onNewChat}>
        Start a chat
      </button>
    </div>
  )
}

function useTitle(unread: number) {
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Chat` : 'Chat'
  }, [unread])
}

/** Closes a group that the user is no longer in. */
function useMembership(account: Account, place: Place | undefined, close: () => void) {
  const chat = place && account.chat(place.chatId)
  const shown = useRef<typeof chat>(undefined)
  useEffect(() => {
    const { current } = shown
    shown.current = chat
    if (!place || !current || chat || current.id !== place.chatId || !isGroup(place.chatId)) return
    close()
    toasts.show(`You’re no longer in ${isolated(current.group?.title ?? 'the group')}.`)
  })
}

export function Messenger({ account }: { account: Account }) {
  useChangesOf(account)
  const [place, setPlace] = useState<Place>()
  const [dialog, setDialog] = useState<'new-chat' | 'new-group' | 'profile'>()
  const closeDialog = () => setDialog(undefined)
  const open = (next: Place) => {
    setPlace(next)
    setDialog(undefined)
  }
  const shown = useRef(place)
  shown.current = place
  /** Some ways back wait for an answer: whoever has opened another chat meanwhile stays there. */
  const goBack = () => {
    if (shown.current !== place) return
    setPlace(undefined)
    // On a phone, the list replaces the chat, and the focus would be lost.
    requestAnimationFrame(() => place && document.getElementById(rowIdOf(place.chatId))?.focus())
  }
  useMembership(account, place, () => setPlace(undefined))
  useTitle(account.unread())
  return (
    <main class={`messenger ${place ? 'shows-chat' : 'shows-list'}`}>
      <Sidebar
        {...{ account, place }}
        onOpen={open}
        onNewChat={() => setDialog('new-chat')}
        onProfile={() => setDialog('profile')}
      />
      <section class="pane" aria-label="Open chat">
        {place ? (
          <Conversation key={place.chatId} {...{ account, place }} onBack={goBack} />
        ) : (
          <NothingOpen onNewChat={() => setDialog('new-chat')} />
        )}
      </section>
      {dialog === 'new-chat' && (
        <NewChat
          account={account}
          onOpen={(chatId) => open({ chatId })}
          onNewGroup={() => setDialog('new-group')}
          onClose={closeDialog}
        />
      )}
      {dialog === 'new-group' && (
        <NewGroup account={account} onOpen={(chatId) => open({ chatId })} onClose={closeDialog} />
      )}
      {dialog === 'profile' && <AccountDialog account={account} onClose={closeDialog} />}
    </main>
  )
}
