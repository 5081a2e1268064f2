import { useState } from 'preact/hooks'
import type { Account } from './account'
import { Avatar } from './avatar'
import { Dialog } from './dialog'
import { GroupIcon } from './icons'
import { saidBy } from './problems'

interface NewChatProps {
  account: Account
  onOpen: (chatId: string) => void
  onNewGroup: () => void
  onClose: () => void
}

function Contacts({ account, onOpen }: Pick<NewChatProps, 'account' | 'onOpen'>) {
  const contacts = account.people.contacts()
  if (contacts.length === 0) return null
  return (
    <section aria-labelledby="contacts-title">
      <h3 id="contacts-title">Contacts</h3>
      <ul class="rows">
        {contacts.map(({ id, name, avatarUrl }) => (
          <li key={id}>
            <button type="button" class="row" onClick={() => onOpen(id)}>
              <Avatar id={id} name={name} url={avatarUrl} />
              <span class="row-name" dir="auto">
                {name}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Finds a user by phone number, saves them as a contact, and opens the chat with them. */
export function NewChat({ account, onOpen, onNewGroup, onClose }: NewChatProps) {
  const [phoneNumber, setPhoneNumber] = useState('')
  const [fault, setFault] = useState<string>()
  const find = async (event: Event) => {
    event.preventDefault()
    setFault(undefined)
    try {
      const found = await account.people.findByNumber(phoneNumber)
      if (found) onOpen(found)
      else setFault('No one with this number has signed in yet.')
    } catch (error) {
      setFault(saidBy(error))
    }
  }
  return (
    <Dialog title="New chat" onClose={onClose}>
      <form class="form" onSubmit={find}>
        <label for="their-number">Their phone number</label>
        <input
          id="their-number"
          type="tel"
          placeholder="+1 202 555 0102"
          required
          maxLength={32}
          value={phoneNumber}
          onInput={({ currentTarget }) => setPhoneNumber(currentTarget.value)}
          aria-describedby="their-number-fault"
        />
        <p class="fault" id="their-number-fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary">
          Start a chat
        </button>
      </form>
      <button type="button" class="plain new-group" onClick={onNewGroup}>
        <GroupIcon /> New group
      </button>
      <Contacts {...{ account, onOpen }} />
    </Dialog>
  )
}
