import { useState } from 'preact/hooks'
import type { Account } from './account'
import { useFocus } from './focus'
import { saidBy } from './problems'

/** The user's own name: requested after the first sign-in, and editable from the header later. */
export function ProfileForm({ account, onSaved }: { account: Account; onSaved: () => void }) {
  const [firstName, setFirstName] = useState(account.me?.firstName ?? '')
  const [lastName, setLastName] = useState(account.me?.lastName ?? '')
  const [fault, setFault] = useState<string>()
  const save = async (event: Event) => {
    event.preventDefault()
    setFault(undefined)
    try {
      await account.actions.rename(firstName.trim(), lastName.trim())
      onSaved()
    } catch (error) {
      setFault(saidBy(error))
    }
  }
  return (
    <form class="form" onSubmit={save}>
      <label for="first-name">First name</label>
      <input
        id="first-name"
        ref={useFocus()}
        dir="auto"
        autocomplete="given-name"
        required
        maxLength={64}
        value={firstName}
        onInput={({ currentTarget }) => setFirstName(currentTarget.value)}
        aria-describedby="profile-fault"
      />
      <label for="last-name">Last name (optional)</label>
      <input
        id="last-name"
        dir="auto"
        autocomplete="family-name"
        maxLength={64}
        value={lastName}
        onInput={({ currentTarget }) => setLastName(currentTarget.value)}
      />
      <p class="fault" id="profile-fault" role="alert">
        {fault}
      </p>
      <button type="submit" class="primary">
        Save
      </button>
    </form>
  )
}
