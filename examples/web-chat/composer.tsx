import { useEffect, useRef, useState } from 'preact/hooks'
import type { Account } from './account'
import { Attachments } from './attachments'
import { isolated } from './direction'
import { AttachIcon, CheckIcon, CloseIcon, EditIcon, ReplyIcon, SendIcon } from './icons'
import { MentionList, mentionListId, optionIdOf, useMentioning } from './mention-list'
import { mentionsIn } from './mentions'
import type { Subject } from './subject'
import { summaryOf } from './summary'
import { charactersBeyond, saidOfLength } from './text-length'
import { toasts } from './toasts'
import { Upload } from './upload'

const attachmentsMax = 10
const mentionsMax = 50

interface ComposerProps {
  account: Account
  chatId: string
  subject: Subject | undefined
  onDone: () => void
}

function SubjectBar({ account, subject, onDone }: Pick<ComposerProps, 'account' | 'onDone'> & { subject: Subject }) {
  const isEdit = subject.kind === 'edit'
  return (
    <div class="subject">
      {isEdit ? <EditIcon /> : <ReplyIcon />}
      <p>
        <strong>
          {isEdit ? 'Edit message' : `Reply to ${isolated(account.people.author(subject.message.senderId))}`}
        </strong>
        <span dir="auto">{summaryOf(subject.message, account.people)}</span>
      </p>
      <button type="button" class="icon-button" aria-label={isEdit ? 'Cancel edit' : 'Cancel reply'} onClick={onDone}>
        <CloseIcon />
      </button>
    </div>
  )
}

/** The files to send with the text: each is uploaded as soon as it is chosen. */
function useUploads(account: Account) {
  const [uploads, setUploads] = useState<Upload[]>([])
  const add = (files: Iterable<File>) => {
    const room = attachmentsMax - uploads.length
    const chosen = [...files]
    if (chosen.length > room) toasts.show(`A message can have up to ${attachmentsMax} files.`)
    const added = chosen.slice(0, room).map((file) => new Upload(file, (...args) => account.upload(...args)))
    setUploads((present) => [...present, ...added])
    for (const upload of added) {
      // The send button waits until the last one is done.
      upload.subscribe(() => setUploads((present) => [...present]))
      void upload.start()
    }
  }
  const discard = (upload: Upload) => {
    upload.cancel()
    if (upload.stored) void account.actions.discardFile(upload.stored)
  }
  const latest = useRef(uploads)
  latest.current = uploads
  useEffect(() => () => latest.current.forEach(discard), [])
  const remove = (upload: Upload) => {
    discard(upload)
    setUploads((present) => present.filter((one) => one !== upload))
  }
  /** They are being sent: unmounting now must not discard them. */
  const release = () => {
    latest.current = []
    setUploads([])
  }
  return { uploads, add, remove, release }
}

function useText(account: Account, { chatId, subject }: Pick<ComposerProps, 'chatId' | 'subject'>) {
  const isEdit = subject?.kind === 'edit'
  const [text, setText] = useState(isEdit ? subject.message.text : (account.drafts.get(chatId) ?? ''))
  const change = (next: string) => {
    setText(next)
    if (!isEdit) account.drafts.set(chatId, next)
    if (next !== '') account.typing(chatId)
  }
  return { text, setText: change }
}

/** Only with a physical keyboard: elsewhere, focus would open one that covers half of the screen. */
const focusOnOpening = (input: HTMLTextAreaElement | null, isAsked: boolean) => {
  if (isAsked || matchMedia('(pointer: fine)').matches) input?.focus()
}

/** Of the key that an input method has taken. */
const keyCodeOfInputMethod = 229

/**
 * Whether an Enter only confirms a word in an input method. In Safari, the composition has already ended by then, and
 * only `keyCode` tells.
 */
const endsWord = ({ isComposing, keyCode }: KeyboardEvent) => isComposing || keyCode === keyCodeOfInputMethod

export function Composer({ account, chatId, subject, onDone }: ComposerProps) {
  const input = useRef<HTMLTextAreaElement>(null)
  const { text, setText } = useText(account, { chatId, subject })
  const { uploads, add, remove, release } = useUploads(account)
  const isEdit = subject?.kind === 'edit'
  const mentioning = useMentioning({
    ...{ account, chatId, text },
    change(next, caret) {
      setText(next)
      requestAnimationFrame(() => input.current?.setSelectionRange(caret, caret))
    },
  })
  useEffect(() => focusOnOpening(input.current, subject !== undefined), [subject])

  const beyond = charactersBeyond(text.trim())
  const hasContent = text.trim() !== '' || uploads.length > 0
  const canSend = hasContent && beyond === 0 && uploads.every(({ stored }) => stored)
  const mentioned = () => {
    const names = new Map(account.groups.othersByName(chatId).map(({ id, name }) => [id, name]))
    return [...new Set(mentionsIn(text, names).map(({ userId }) => userId))].slice(0, mentionsMax)
  }
  const send = () => {
    if (!canSend) return
    if (isEdit) void account.actions.edit(subject.message, text.trim())
    else void account.send(chatId, { text: text.trim(), uploads, replyTo: subject?.message, mentions: mentioned() })
    release()
    if (!isEdit) setText('')
    onDone()
    input.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (!endsWord(event) && mentioning.onKey(event.key)) return event.preventDefault()
    if (event.key === 'Enter' && !event.shiftKey && !endsWord(event)) {
      event.preventDefault()
      send()
    }
    if (event.key === 'Escape' && subject) onDone()
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      {subject && <SubjectBar {...{ account, subject, onDone }} />}
      <Attachments uploads={uploads} onRemove={remove} />
      <MentionList {...mentioning} onChoose={mentioning.choose} />
      <p class="fault" id="text-length" role="status">
        {beyond > 0 && saidOfLength(beyond)}
      </p>
      <div class="composer-line">
        {!isEdit && (
          <label class="icon-button" title="Attach files">
            <AttachIcon />
            <span class="hidden">Attach files</span>
            <input
              type="file"
              class="hidden"
              multiple
              onChange={({ currentTarget }) => {
                add(currentTarget.files ?? [])
                currentTarget.value = ''
              }}
            />
          </label>
        )}
        <textarea
          ref={input}
          rows={1}
          dir="auto"
          aria-label={isEdit ? 'Edited message' : 'Message'}
          placeholder="Message"
          aria-invalid={beyond > 0}
          aria-describedby="text-length"
          value={text}
          aria-autocomplete="list"
          aria-controls={mentioning.active && mentionListId}
          aria-activedescendant={mentioning.active && optionIdOf(mentioning.active)}
          onInput={({ currentTarget }) => {
            setText(currentTarget.value)
            mentioning.onCaret(currentTarget.selectionStart)
          }}
          onSelect={({ currentTarget }) => mentioning.onCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={({ clipboardData }) => !isEdit && add(clipboardData?.files ?? [])}
        />
        <button type="submit" class="send" aria-label={isEdit ? 'Save' : 'Send'} disabled={!canSend}>
          {isEdit ? <CheckIcon /> : <SendIcon />}
        </button>
      </div>
    </form>
  )
}
