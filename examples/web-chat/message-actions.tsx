import { useState } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { Dialog } from './dialog'
import { CheckIcon, DeleteIcon, EditIcon, ReplyIcon } from './icons'
import { Menu } from './menu'
import { Readers } from './readers'
import type { Subject } from './subject'

const choices = ['👍', '❤️', '😂', '😮', '😢', '🙏']

interface MessageActionsProps {
  account: Account
  message: Message
  onSubject: (subject: Subject) => void
}

const isAdmin = (account: Account, chatId: string) => (account.chat(chatId)?.group?.role ?? 'member') !== 'member'

function DeleteDialog({ account, message, onClose }: Omit<MessageActionsProps, 'onSubject'> & { onClose: () => void }) {
  const remove = (scope: 'me' | 'everyone') => {
    void account.actions.remove(message, scope)
    onClose()
  }
  // Owners and admins of a group can delete what others wrote.
  const isForAll = message.status !== null || isAdmin(account, message.chatId)
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <div class="form">
        {isForAll && message.deletedAt === null && (
          <button type="button" class="danger" onClick={() => remove('everyone')}>
            Delete for everyone
          </button>
        )}
        <button type="button" class="danger" onClick={() => remove('me')}>
          Delete for me
        </button>
      </div>
    </Dialog>
  )
}

function Panel({
  account,
  message,
  onSubject,
  onDelete,
  onReaders,
}: MessageActionsProps & { onDelete: () => void; onReaders: () => void }) {
  const readers = message.status === null ? undefined : account.groups.readersOf(message)
  const isDeleted = message.deletedAt !== null
  const isMine = (emoji: string) => message.reactions.some((reaction) => reaction.emoji === emoji && reaction.own)
  return (
    <>
      {!isDeleted && (
        <>
          <div class="choices">
            {choices.map((emoji) => (
              <button
                key={emoji}
                type="button"
                aria-label={`React with ${emoji}`}
                aria-pressed={isMine(emoji)}
                onClick={() => void account.actions.react(message, emoji, !isMine(emoji))}
              >
                {emoji}
              </button>
            ))}
          </div>
          <button type="button" onClick={() => onSubject({ kind: 'reply', message })}>
            <ReplyIcon /> Reply
          </button>
          {readers && (
            <button type="button" onClick={onReaders}>
              <CheckIcon /> Read by {readers.length}…
            </button>
          )}
          {message.status !== null && message.text !== '' && (
            <button type="button" onClick={() => onSubject({ kind: 'edit', message })}>
              <EditIcon /> Edit
            </button>
          )}
        </>
      )}
      <button type="button" onClick={onDelete}>
        <DeleteIcon /> Delete
      </button>
    </>
  )
}

/** A button that opens the actions for a message. */
export function MessageActions({ account, message, onSubject }: MessageActionsProps) {
  const [isDeleting, setIsDeleting] = useState(false)
  const [showsReaders, setShowsReaders] = useState(false)
  return (
    <>
      <Menu label="Message actions">
        <Panel
          {...{ account, message, onSubject }}
          onDelete={() => setIsDeleting(true)}
          onReaders={() => setShowsReaders(true)}
        />
      </Menu>
      {isDeleting && <DeleteDialog {...{ account, message }} onClose={() => setIsDeleting(false)} />}
      {showsReaders && <Readers {...{ account, message }} onClose={() => setShowsReaders(false)} />}
    </>
  )
}
