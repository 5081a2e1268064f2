import { useState } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { Dialog } from './dialog'
import { DeleteIcon, EditIcon, ReplyIcon } from './icons'
import { Menu } from './menu'
import type { Subject } from './subject'

const choices = ['👍', '❤️', '😂', '😮', '😢', '🙏']

interface MessageActionsProps {
  account: Account
  message: Message
  onSubject: (subject: Subject) => void
}

function DeleteDialog({ account, message, onClose }: Omit<MessageActionsProps, 'onSubject'> & { onClose: () => void }) {
  const remove = (scope: 'me' | 'everyone') => {
    void account.actions.remove(message, scope)
    onClose()
  }
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <div class="form">
        {message.status !== null && message.deletedAt === null && (
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

function Panel({ account, message, onSubject, onDelete }: MessageActionsProps & { onDelete: () => void }) {
  const isDeleted = message.deletedAt !== null
  const isMine = (emoji: string) =>
    message.reactions.some(
      (reaction) => reaction.emoji === emoji && reaction.userIds.some((id) => id === account.me?.id),
    )
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
  return (
    <>
      <Menu label="Message actions">
        <Panel {...{ account, message, onSubject }} onDelete={() => setIsDeleting(true)} />
      </Menu>
      {isDeleting && <DeleteDialog {...{ account, message }} onClose={() => setIsDeleting(false)} />}
    </>
  )
}
