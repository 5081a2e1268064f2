import { useState } from 'preact/hooks'
import type { Account } from './account'
import { Confirm } from './confirm'
import { SignOutIcon } from './icons'

/** Asks first: what is not sent yet is lost. */
export function SignOut({ account }: { account: Account }) {
  const [isAsked, setIsAsked] = useState(false)
  const unsent = account.unsent()
  return (
    <>
      <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick={() => setIsAsked(true)}>
        <SignOutIcon />
      </button>
      {isAsked && (
        <Confirm
          title="Sign out?"
          action="Sign out of this window"
          onConfirm={() => void account.signOut()}
          onClose={() => setIsAsked(false)}
        >
          Your chats are removed from this window and stay in your account.
          {unsent > 0 &&
            ` ${unsent === 1 ? 'One message has' : `${unsent} messages have`} not been sent and will be lost.`}
        </Confirm>
      )}
    </>
  )
}
