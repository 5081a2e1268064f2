import type { Account } from './account'

/** Takes the composer's place in the chat with a blocked user. */
export const BlockedBar = ({ account, chatId }: { account: Account; chatId: string }) => (
  <section class="request" aria-label="Blocked">
    <p>
      You’ve blocked <bdi>{account.people.of(chatId).name}</bdi>.
    </p>
    <button type="button" class="plain" onClick={() => void account.chatActions.block(chatId, false)}>
      Unblock
    </button>
  </section>
)
