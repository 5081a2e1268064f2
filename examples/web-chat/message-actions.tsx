import { useEffect, useRef, useState } from 'preact/hooks'
import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { Dialog } from './dialog'
import { DeleteIcon, EditIcon, MoreIcon, ReplyIcon } from './icons'
import type { Subject } from './subject'

const panelPx = 300
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

/** The direction in which a panel next to the button fits. */
function roomAround(button: HTMLButtonElement | null) {
  const { top = 0, left = 0 } = button?.getBoundingClientRect() ?? {}
  return `${top > innerHeight / 2 ? 'up' : 'down'} ${innerWidth - left < panelPx ? 'leftward' : 'rightward'}`
}

/** A button that opens the actions for a message. Escape, a click elsewhere or a choice closes them. */
export function MessageActions({ account, message, onSubject }: MessageActionsProps) {
  const [opens, setOpens] = useState<string>()
  const [isDeleting, setIsDeleting] = useState(false)
  const frame = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const close = () => setOpens(undefined)

  useEffect(() => {
    if (!opens) return
    frame.current?.querySelector<HTMLButtonElement>('.panel button')?.focus()
    const closeOutside = ({ target }: Event) => target instanceof Node && !frame.current?.contains(target) && close()
    document.addEventListener('pointerdown', closeOutside)
    return () => document.removeEventListener('pointerdown', closeOutside)
  }, [opens])

  const toggle = () => setOpens(opens ? undefined : roomAround(button.current))
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !opens) return
    event.stopPropagation()
    close()
    button.current?.focus()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape bubbles up from the buttons inside
    <div class="actions" ref={frame} onKeyDown={onKeyDown}>
      <button
        type="button"
        class="icon-button"
        ref={button}
        aria-label="Message actions"
        aria-expanded={opens !== undefined}
        onClick={toggle}
      >
        <MoreIcon />
      </button>
      {opens && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the click is on a button inside
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard clicks that button too
        <div class={`panel ${opens}`} onClick={close}>
          <Panel {...{ account, message, onSubject }} onDelete={() => setIsDeleting(true)} />
        </div>
      )}
      {isDeleting && <DeleteDialog {...{ account, message }} onClose={() => setIsDeleting(false)} />}
    </div>
  )
}
