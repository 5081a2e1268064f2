import type { Pending } from '../typescript/store'
import type { Account, OwnFile } from './account'
import { LinkedText } from './linked-text'
import { FileLabel } from './message-files'
import { saidByProblem } from './problems'
import { Ticks } from './ticks'

/** Unknown after a reload. */
function SentFile({ file }: { file: OwnFile | undefined }) {
  if (!file) return <span class="file">File</span>
  if (file.preview === undefined)
    return (
      <span class="file">
        <FileLabel name={file.name} size={file.size} />
      </span>
    )
  return (
    <span class="picture">
      <img src={file.preview} alt={file.name} />
    </span>
  )
}

/** A message that the server has not confirmed yet, or that it refused for good. */
export function PendingItem({ account, item }: { account: Account; item: Pending }) {
  const { message, problem } = item
  return (
    <article class="message own pending first last">
      <div class="bubble-line">
        <div class="bubble">
          {(message.attachmentFileIds ?? []).map((fileId) => (
            <SentFile key={fileId} file={account.sentFiles.get(fileId)} />
          ))}
          <div class="body" dir="auto">
            {message.text && <LinkedText text={message.text} />}
            <span class="meta" dir="ltr">
              <Ticks status={problem === undefined ? 'pending' : 'failed'} />
            </span>
          </div>
        </div>
      </div>
      {problem !== undefined && (
        <p class="fault">
          {saidByProblem(problem)}.{' '}
          <button type="button" class="plain" onClick={() => void account.discard(item)}>
            Remove
          </button>
        </p>
      )}
    </article>
  )
}
