import type { Pending } from '../typescript/store'
import type { Account } from './account'
import { saidByProblem } from './problems'
import { Ticks } from './ticks'

/** A message that the server has not confirmed yet, or that it refused for good. */
export function PendingItem({ account, item }: { account: Account; item: Pending }) {
  const { message, problem } = item
  return (
    <article class="message own pending first last">
      <div class="bubble-line">
        <div class="bubble">
          {(message.attachmentFileIds ?? []).map((fileId) => (
            <span class="picture" key={fileId}>
              <img src={account.previews.get(fileId)} alt="Sending" />
            </span>
          ))}
          {message.text !== undefined && <p class="text">{message.text}</p>}
          <span class="meta">
            <Ticks status={problem === undefined ? 'pending' : 'failed'} />
          </span>
        </div>
      </div>
      {problem !== undefined && (
        <p class="fault">
          {saidByProblem(problem)}.{' '}
          <button type="button" class="plain" onClick={() => account.discard(item)}>
            Remove
          </button>
        </p>
      )}
    </article>
  )
}
