import type { Message } from '../typescript/schema'
import type { Account } from './account'
import { Avatar } from './avatar'
import { Dialog } from './dialog'

/** Who has read a message of a group. It stays up to date while it is open. */
export function Readers({ account, message, onClose }: { account: Account; message: Message; onClose: () => void }) {
  const readers = account.groups.readersOf(message) ?? []
  return (
    <Dialog title="Read by" onClose={onClose}>
      {readers.length === 0 && <p>Nobody has read it yet.</p>}
      <ul class="members" aria-label="Read by">
        {readers.map(({ user: { id } }) => {
          const { name, avatarUrl } = account.people.of(id)
          return (
            <li key={id} class="member">
              <Avatar id={id} name={name} url={avatarUrl} />
              <span class="row-name" dir="auto">
                {name}
              </span>
            </li>
          )
        })}
      </ul>
    </Dialog>
  )
}
