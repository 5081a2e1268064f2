import { useState } from 'preact/hooks'
import type { Group } from '../typescript/schema'
import type { Account } from './account'
import { Confirm } from './confirm'
import { Dialog } from './dialog'
import { Members } from './members'
import { PeopleChoice } from './people-choice'

interface GroupProps {
  account: Account
  groupId: string
  group: Group
}

/** Whether the user may do what a setting is about. */
const isAllowed = ({ role, settings }: Group, setting: 'addBy' | 'editBy') =>
  role !== 'member' || settings[setting] === 'members'

function Title({ account, groupId, group }: GroupProps) {
  const [title, setTitle] = useState(group.title)
  if (!isAllowed(group, 'editBy')) return null
  const save = (event: Event) => {
    event.preventDefault()
    void account.groupActions.rename(groupId, title.trim())
  }
  return (
    <form class="form" onSubmit={save}>
      <label for="new-title">Title</label>
      <div class="form-line">
        <input
          id="new-title"
          dir="auto"
          required
          maxLength={128}
          value={title}
          onInput={({ currentTarget }) => setTitle(currentTarget.value)}
        />
        <button type="submit" class="plain" disabled={title.trim() === group.title || title.trim() === ''}>
          Save
        </button>
      </div>
    </form>
  )
}

function AddMembers({ account, groupId, group }: GroupProps) {
  const [isOpen, setIsOpen] = useState(false)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const without = new Set(account.groups.membersOf(groupId).map(({ user }) => user.id))
  if (!isAllowed(group, 'addBy')) return null
  const add = async (event: Event) => {
    event.preventDefault()
    await account.groupActions.add(groupId, [...chosen])
    setChosen(new Set())
    setIsOpen(false)
  }
  return (
    <div class="dialog-part">
      <button type="button" class="plain" aria-expanded={isOpen} onClick={() => setIsOpen(!isOpen)}>
        Add members
      </button>
      {isOpen && (
        <form class="form" onSubmit={(event) => void add(event)}>
          <PeopleChoice {...{ account, without, chosen }} label="Who to add" onChange={setChosen} />
          <button type="submit" class="primary" disabled={chosen.size === 0}>
            Add
          </button>
        </form>
      )}
    </div>
  )
}

function Leave({ account, groupId, group }: GroupProps) {
  const [isAsking, setIsAsking] = useState(false)
  return (
    <div class="form">
      <button type="button" class="danger" onClick={() => setIsAsking(true)}>
        Leave group…
      </button>
      {isAsking && (
        <Confirm
          title="Leave this group?"
          action="Leave group"
          onConfirm={() => void account.groupActions.leave(groupId)}
          onClose={() => setIsAsking(false)}
        >
          You lose its messages on all of your devices. What you wrote stays with the others.
          {group.role === 'owner' && group.memberCount > 1 && ' Somebody else becomes the owner.'}
        </Confirm>
      )}
    </div>
  )
}

/** The title and the members of a group. It stays up to date while it is open. */
export function GroupDialog({ account, groupId, onClose }: Omit<GroupProps, 'group'> & { onClose: () => void }) {
  const group = account.chat(groupId)?.group
  if (!group) return null
  const props = { account, groupId, group }
  return (
    <Dialog title={group.title} onClose={onClose}>
      {group.about !== null && <p dir="auto">{group.about}</p>}
      <Title {...props} />
      <Members {...props} />
      <AddMembers {...props} />
      <Leave {...props} />
    </Dialog>
  )
}
