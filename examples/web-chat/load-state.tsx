import type { Account } from './account'
import { RetryIcon } from './icons'

/** What stands where something is missing, because it has yet to arrive or cannot. */
export function LoadState({ account, what }: { account: Account; what: string }) {
  if (account.loading === 'loading')
    return (
      <div class="load-state" role="status">
        <span class="spinner" />
        <p>Loading {what}…</p>
      </div>
    )
  return <Failed text={`Can’t load ${what} right now.`} onRetry={() => account.retry()} />
}

export const Failed = ({ text, onRetry }: { text: string; onRetry: () => void }) => (
  <div class="load-state" role="alert">
    <p>{text}</p>
    <button type="button" class="plain" onClick={onRetry}>
      <RetryIcon /> Try again
    </button>
  </div>
)
