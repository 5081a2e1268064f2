import * as fileObjects from '../../repositories/files'
import * as users from '../../repositories/users'
import type { OwnProfile } from '../../src/core/profile'
import { keysOfNumber } from '../../src/settings/send-keys'
import type { AlarmJob } from '../durable/alarm-schedule'
import * as erasure from './account/erasure'
import { continueUnindexing, isUnindexing } from './chats/search'
import type { Drains } from './delivery/drains'
import { cleanUpDue, forgetFiles, takeRemovable } from './files/clean-up'
import type { MailboxStore } from './store'
import { expectNoProfile, ownProfile, profileDue } from './tables/profile'

interface Dependencies {
  store: MailboxStore
  drains: Drains
  env: Env
  setProfile: (own: OwnProfile) => void
}

/** The jobs of a mailbox's alarm, in the order in which they run. A mailbox that is being erased has only one job. */
export function alarmJobs(dependencies: Dependencies): AlarmJob[] {
  const { store, drains } = dependencies
  const whileInUse =
    (due: () => number | null): AlarmJob['due'] =>
    () =>
      store.isLive && store.erasure === null ? due() : null
  return [
    {
      name: 'profile',
      due: whileInUse(() => profileDue(store.sql)),
      run: () => fetchProfile(dependencies),
    },
    {
      name: 'deliveries',
      due: whileInUse(() => drains.due()),
      run: () => drains.startDue(),
    },
    {
      name: 'files',
      due: whileInUse(() => cleanUpDue(store.sql)),
      run: () => removeFiles(dependencies),
    },
    {
      name: 'search',
      due: whileInUse(() => (isUnindexing(store.sql) ? Date.now() : null)),
      run: () => store.write(continueUnindexing),
    },
    {
      name: 'erasure',
      due: () => (store.erasure === null ? null : erasureDue(dependencies)),
      run: () => continueErasure(dependencies),
    },
  ]
}

/** Fetches the profile when a change was announced and its result was never reported. */
async function fetchProfile({ store, env, setProfile }: Dependencies) {
  const own = await users.find(env.DB, store.userId)
  if (own) setProfile(own)
  else expectNoProfile(store.sql)
}

/** Deletes the bytes of files that were removed, or whose upload never finished, and then forgets the files. */
async function removeFiles({ store: { sql }, env }: Dependencies) {
  const fileIds = takeRemovable(sql, Date.now())
  if (fileIds.length === 0) return
  await fileObjects.remove(env.FILES, fileIds)
  forgetFiles(sql, fileIds)
}

/** Now for the record and for the last step; in between, when a delivery or a file is due. */
function erasureDue({ store, drains }: Dependencies): number {
  const times = [drains.due(), cleanUpDue(store.sql)].flatMap((time) => time ?? [])
  return store.erasure?.recordRemoved && times.length > 0 ? Math.min(...times) : Date.now()
}

/** Takes the next steps of an erasure. The last step is taken when no other is left. */
async function continueErasure(dependencies: Dependencies) {
  const { store, drains } = dependencies
  const begun = store.erasure
  if (begun === null) return
  if (!begun.recordRemoved) await removeRecord(dependencies, begun)
  await drains.startDue()
  store.write((context) => erasure.giveUpPeers(context, begun))
  await removeFiles(dependencies)
  if (drains.pending().length > 0 || cleanUpDue(store.sql) !== null) return
  await store.bury()
}

async function removeRecord({ store, env }: Dependencies, begun: erasure.Erasure) {
  const { sql, userId } = store
  const { phoneNumber } = ownProfile(sql)?.own ?? { phoneNumber: '' }
  const numberKeys = keysOfNumber(store.config(), phoneNumber)
  await users.erase(env.DB, { userId, phoneNumber, numberKeys, until: begun.lastUsedAt })
  store.recordRemoved(begun)
}
