import type { Session } from '../typescript/schema'
import type { Account } from './account'
import { shortTime } from './dates'
import { nameOf, placeOf } from './device-names'
import { LoadState } from './load-state'

function Device({ account, session }: { account: Account; session: Session }) {
  const used = session.current ? 'this device' : `last used ${shortTime(session.lastUsedAt)}`
  return (
    <li class="device">
      <span class="row-text">
        <span class="row-name" dir="auto">
          {nameOf(session)}
        </span>
        <span class="row-summary">{[placeOf(session), used].filter(Boolean).join(' · ')}</span>
      </span>
      {!session.current && (
        <button type="button" class="plain" onClick={() => void account.actions.endSession(session)}>
          Sign out
        </button>
      )}
    </li>
  )
}

/** The signed-in devices; updates by itself as other devices sign in or out. */
export function Devices({ account }: { account: Account }) {
  const devices = account.devices()
  return (
    <>
      <h3 id="devices">Devices</h3>
      {devices.length === 0 && <LoadState account={account} what="your devices" />}
      <ul class="devices" aria-labelledby="devices">
        {devices.map((session) => (
          <Device key={session.id} {...{ account, session }} />
        ))}
      </ul>
    </>
  )
}
