import { useState } from 'preact/hooks'
import type { Account } from './account'
import { Confirm } from './confirm'
import { Devices } from './devices'
import { Dialog } from './dialog'
import { orTell } from './or-tell'
import { ProfileForm } from './profile'

function BlockedUsers({ account }: { account: Account }) {
  const userIds = account.blockedUserIds()
  if (userIds.length === 0) return null
  return (
    <>
      <h3 id="blocked">Blocked</h3>
      <ul class="devices" aria-labelledby="blocked">
        {userIds.map((userId) => (
          <li key={userId} class="device">
            <span class="row-text">
              <span class="row-name" dir="auto">
                {account.people.of(userId).name}
              </span>
            </span>
            <button type="button" class="plain" onClick={() => void account.chatActions.block(userId, false)}>
              Unblock
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}

/** Has the browser save a file. */
function save(blob: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

function YourData({ account }: { account: Account }) {
  const [isExporting, setIsExporting] = useState(false)
  const [isDeleting, setIsDeleting] = useState(false)
  const exportAll = async () => {
    setIsExporting(true)
    const blob = await orTell(account.actions.export())
    if (blob) save(blob, 'account.json')
    setIsExporting(false)
  }
  return (
    <>
      <h3>Your data</h3>
      <div class="form">
        <button type="button" class="plain" disabled={isExporting} onClick={() => void exportAll()}>
          {isExporting ? 'Exporting…' : 'Export your data'}
        </button>
        <button type="button" class="danger" onClick={() => setIsDeleting(true)}>
          Delete account…
        </button>
      </div>
      {isDeleting && (
        <Confirm
          title="Delete your account?"
          action="Delete account for good"
          onConfirm={() => void account.deleteAccount()}
          onClose={() => setIsDeleting(false)}
        >
          Your profile, chats and files are deleted on all of your devices. This cannot be undone. Messages that others
          have received stay with them.
        </Confirm>
      )}
    </>
  )
}

export const AccountDialog = ({ account, onClose }: { account: Account; onClose: () => void }) => (
  <Dialog title="Your account" onClose={onClose}>
    <ProfileForm account={account} onSaved={onClose} />
    <Devices account={account} />
    <BlockedUsers account={account} />
    <YourData account={account} />
  </Dialog>
)
