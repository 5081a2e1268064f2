import type { Message } from '../typescript/schema'
import type { Account } from './account'

export function Reactions({ account, message }: { account: Account; message: Message }) {
  if (message.reactions.length === 0) return null
  return (
    <ul class="reactions" aria-label="Reactions">
      {message.reactions.map(({ emoji, userIds }) => {
        const isMine = userIds.some((id) => id === account.me?.id)
        const names = userIds.map((id) => account.people.author(id)).join(' and ')
        return (
          <li key={emoji}>
            <button
              type="button"
              class="reaction"
              aria-pressed={isMine}
              aria-label={`${emoji} by ${names}`}
              title={names}
              onClick={() => void account.actions.react(message, emoji, !isMine)}
            >
              {emoji}
              {userIds.length > 1 && <span>{userIds.length}</span>}
            </button>
          </li>
        )
      })}
    </ul>
  )
}
