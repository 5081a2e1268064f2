import type { Account } from './account'
import { Avatar } from './avatar'

interface PeopleChoiceProps {
  account: Account
  label: string
  /** Who is not offered. */
  without: ReadonlySet<string>
  chosen: ReadonlySet<string>
  onChange: (chosen: ReadonlySet<string>) => void
}

/** Contacts and peers of chats, to choose from. */
export function PeopleChoice({ account, label, without, chosen, onChange }: PeopleChoiceProps) {
  const people = account.people.known().filter(({ id }) => !without.has(id))
  const toggle = (id: string, isOn: boolean) => {
    const next = new Set(chosen)
    if (isOn) next.add(id)
    else next.delete(id)
    onChange(next)
  }
  if (people.length === 0)
    return <p class="note">Everyone you have a chat with, or have saved as a contact, is in it.</p>
  return (
    <fieldset class="choice">
      <legend>{label}</legend>
      {people.map(({ id, name, avatarUrl }) => (
        <label key={id} class="row">
          <input
            type="checkbox"
            checked={chosen.has(id)}
            onChange={({ currentTarget }) => toggle(id, currentTarget.checked)}
          />
          <Avatar id={id} name={name} url={avatarUrl} />
          <span class="row-name" dir="auto">
            {name}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
