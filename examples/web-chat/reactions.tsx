import type { Message } from '../typescript/schema'
import type { Account } from './account'

/** Of many, in a group, only the first are known. */
function saidOf({ people }: Account, userIds: string[], count: number) {
  if (count <= 2) return userIds.map((id) => people.author(id)).join(' and ')
  return people.list(userIds, count)
}

export function Reactions({ account, message }: { account: Account; message: Message }) {
  if (message.reactions.length === 0) return null
  return (
    <ul class="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, count, own, userIds }) => {
        const names = saidOf(account, userIds, count)
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              aria-pressed={own}
              aria-label={`${emoji}${count > 1 ? ` ${count}` : ''} by ${names}`}
              title={names}
              onClick={() => void account.actions.react(message, emoji, !own)}
            >
              {emoji}
              {count > 1 && <span>{count}</span>}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
