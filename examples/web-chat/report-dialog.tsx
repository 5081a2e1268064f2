import { useState } from 'preact/hooks'
import type { ReportReason } from '../typescript/schema'
import type { Account } from './account'
import { Dialog } from './dialog'
import { saidBy } from './problems'
import { toasts } from './toasts'

const reasons = {
  spam: 'Spam',
  fraud: 'Fraud or a scam',
  harassment: 'Harassment',
  violence: 'Violence or threats',
  sexualContent: 'Unwanted sexual content',
  childSafety: 'Danger to a child',
  impersonation: 'Pretending to be someone else',
  other: 'Something else',
} satisfies Record<ReportReason, string>

const evidenceMax = 5

/** Reports the user of a chat, with their latest messages. */
export function ReportDialog({ account, chatId, onClose }: { account: Account; chatId: string; onClose: () => void }) {
  const [reason, setReason] = useState<ReportReason>('spam')
  const [comment, setComment] = useState('')
  const [fault, setFault] = useState<string>()
  const theirs = account.messagesIn(chatId).filter(({ status, deletedAt }) => status === null && deletedAt === null)
  const messageIds = theirs.slice(-evidenceMax).map(({ id }) => id)
  const send = async (event: Event) => {
    event.preventDefault()
    setFault(undefined)
    try {
      await account.chatActions.report(chatId, { reason, comment: comment.trim() || null, messageIds })
      toasts.show('Thank you. Your report has been sent.')
      onClose()
    } catch (error) {
      setFault(saidBy(error))
    }
  }
  return (
    <Dialog title={`Report ${account.people.of(chatId).name}`} onClose={onClose}>
      <form class="form" onSubmit={send}>
        <label for="report-reason">What is wrong?</label>
        <select
          id="report-reason"
          value={reason}
          onChange={({ currentTarget }) => setReason(currentTarget.value as ReportReason)}
        >
          {Object.entries(reasons).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
        <label for="report-comment">Anything else? (optional)</label>
        <textarea
          id="report-comment"
          dir="auto"
          rows={3}
          maxLength={1_000}
          value={comment}
          onInput={({ currentTarget }) => setComment(currentTarget.value)}
        />
        <p class="note">
          {messageIds.length === 0
            ? 'They do not learn of it.'
            : 'Their latest messages here are sent along as evidence. They do not learn of it.'}
        </p>
        <p class="fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary">
          Send report
        </button>
      </form>
    </Dialog>
  )
}
