import type { Account } from './account'

interface RequestBarProps {
  account: Account
  chatId: string
  onBack: () => void
}

/** For a chat that a stranger began: until it is accepted, they learn nothing of what the user does. */
export function RequestBar({ account, chatId, onBack }: RequestBarProps) {
  if (!account.isRequest(chatId)) return null
  const { name } = account.people.of(chatId)
  const decline = async (isBlocked: boolean) => {
    if (await account.chatActions.decline(chatId, isBlocked)) onBack()
  }
  return (
    <section class="request" aria-label="Message request">
      <p>
        <bdi>{name}</bdi> wants to chat. They can’t see when you’re online or have read this until you accept or reply.
      </p>
      <div class="request-buttons">
        <button type="button" class="primary" onClick={() => void account.accept(chatId)}>
          Accept
        </button>
        <button type="button" class="plain" onClick={() => void decline(false)}>
          Delete
        </button>
        <button type="button" class="plain" onClick={() => void decline(true)}>
          Block
        </button>
      </div>
    </section>
  )
}
