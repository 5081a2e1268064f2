import { useState } from 'preact/hooks'
import { isGroup } from '../typescript/state'
import type { Account } from './account'
import { isMuted } from './chat-state'
import { Confirm } from './confirm'
import { Menu } from './menu'
import { ReportDialog } from './report-dialog'

interface ChatMenuProps {
  account: Account
  chatId: string
  onBack: () => void
}

type Asked = 'clear' | 'block' | 'report'

/** What the user can set for a chat. Not for one that has yet to begin. */
function Settings({ account, chatId, onBack }: ChatMenuProps) {
  const chat = account.chat(chatId)
  if (!chat) return null
  const { chatActions } = account
  const markUnread = () => {
    // Back first: an open chat would be read at once.
    onBack()
    void chatActions.update(chatId, { markedUnread: true })
  }
  return (
    <>
      <button type="button" onClick={() => void chatActions.update(chatId, { pinned: !chat.pinned })}>
        {chat.pinned ? 'Unpin' : 'Pin'}
      </button>
      <button type="button" onClick={() => void chatActions.mute(chatId, !isMuted(chat))}>
        {isMuted(chat) ? 'Unmute' : 'Mute'}
      </button>
      <button type="button" onClick={() => void chatActions.update(chatId, { archived: !chat.archived })}>
        {chat.archived ? 'Unarchive' : 'Archive'}
      </button>
      <button type="button" onClick={markUnread}>
        Mark as unread
      </button>
    </>
  )
}

const ThePeer = ({ name }: { name: string }) => (
  <>
    <bdi>{name}</bdi> keeps
  </>
)

function Question({ account, chatId, onBack, asked, onClose }: ChatMenuProps & { asked: Asked; onClose: () => void }) {
  const { name } = account.people.of(chatId)
  const clear = async () => {
    if (await account.chatActions.clear(chatId)) onBack()
  }
  if (asked === 'report') return <ReportDialog {...{ account, chatId, onClose }} />
  if (asked === 'clear')
    return (
      <Confirm title="Clear this chat?" action="Clear chat" onConfirm={() => void clear()} onClose={onClose}>
        Its messages are removed for you. {isGroup(chatId) ? 'The other members keep' : <ThePeer name={name} />} them.
      </Confirm>
    )
  const block = () => void account.chatActions.block(chatId, true)
  return (
    <Confirm title={`Block ${name}?`} action="Block" onConfirm={block} onClose={onClose}>
      They can no longer write to you, or see when you’re online. They do not learn of it.
    </Confirm>
  )
}

/** The actions for a chat, in its header. */
export function ChatMenu({ account, chatId, onBack }: ChatMenuProps) {
  const [asked, setAsked] = useState<Asked>()
  const hasPeer = chatId !== account.me?.id && !isGroup(chatId)
  const isBlocked = account.isBlocked(chatId)
  const unblock = () => void account.chatActions.block(chatId, false)
  return (
    <>
      <Menu label="Chat actions">
        <Settings {...{ account, chatId, onBack }} />
        <button type="button" onClick={() => setAsked('clear')}>
          Clear chat…
        </button>
        {hasPeer && (
          <>
            <button type="button" onClick={() => (isBlocked ? unblock() : setAsked('block'))}>
              {isBlocked ? 'Unblock' : 'Block…'}
            </button>
            <button type="button" onClick={() => setAsked('report')}>
              Report…
            </button>
          </>
        )}
      </Menu>
      {asked && <Question {...{ account, chatId, onBack, asked }} onClose={() => setAsked(undefined)} />}
    </>
  )
}
