import { useRef, useState } from 'preact/hooks'
import type { Account } from './account'
import { Dialog } from './dialog'
import { useFocus } from './focus'
import { PeopleChoice } from './people-choice'
import { saidBy } from './problems'

interface NewGroupProps {
  account: Account
  onOpen: (chatId: string) => void
  onClose: () => void
}

/** Nobody has to be left out. */
const nobody: ReadonlySet<string> = new Set()

export function NewGroup({ account, onOpen, onClose }: NewGroupProps) {
  const [title, setTitle] = useState('')
  const [chosen, setChosen] = useState(nobody)
  const [fault, setFault] = useState<string>()
  const [isCreating, setIsCreating] = useState(false)
  // The same for another attempt: there will be one group.
  const clientGroupId = useRef(crypto.randomUUID())
  const create = async (event: Event) => {
    event.preventDefault()
    setFault(undefined)
    setIsCreating(true)
    try {
      const { chat } = await account.groupActions.create(title.trim(), [...chosen], clientGroupId.current)
      await account.groups.opened(chat)
      onOpen(chat.id)
    } catch (error) {
      setFault(saidBy(error))
      setIsCreating(false)
    }
  }
  return (
    <Dialog title="New group" onClose={onClose}>
      <form class="form" onSubmit={create}>
        <label for="group-title">Title</label>
        <input
          id="group-title"
          ref={useFocus()}
          dir="auto"
          required
          maxLength={128}
          value={title}
          onInput={({ currentTarget }) => setTitle(currentTarget.value)}
          aria-describedby="group-fault"
        />
        <PeopleChoice {...{ account, chosen }} label="Members" without={nobody} onChange={setChosen} />
        <p class="fault" id="group-fault" role="alert">
          {fault}
        </p>
        <button type="submit" class="primary" disabled={isCreating}>
          Create group
        </button>
      </form>
    </Dialog>
  )
}
