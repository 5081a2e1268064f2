import * as fileObjects from '../../repositories/files'
import { probeBucket, probeDatabase } from '../../repositories/probes'
import * as users from '../../repositories/users'
import type { OwnProfile } from '../../src/core/profile'
import { keysOfNumber } from '../../src/settings/send-keys'
import { sign } from '../../src/settings/signing'
import type { AlarmJob } from '../durable/alarm-schedule'
import { indexDue } from '../durable/search-index'
import type { GroupStub } from '../group/shapes'
import * as erasure from './account/erasure'
import { continueEmptying, isEmptying } from './chats/clearing'
import { continueIndexing, indexOf } from './chats/indexing'
import { continueBlankingQuotes, isBlankingQuotes } from './chats/quotes'
import type { Drains } from './delivery/drains'
import { cleanUpDue, forgetFiles, takeRemovable } from './files/clean-up'
import type { GroupChecks } from './groups/checks'
import { leaveGroups } from './groups/leaving'
import { profileFeed } from './groups/profile-feed'
import type { MailboxStore } from './store'

interface Dependencies {
  store: MailboxStore
  drains: Drains
  env: Env
  setProfile: (own: OwnProfile) => void
  checks: GroupChecks
  groupOf: (groupId: string) => GroupStub
}

/** The jobs of a mailbox's alarm. The last two run only while the account is being erased. */
export function alarmJobs(dependencies: Dependencies): AlarmJob[] {
  const { store, drains, env, checks, groupOf } = dependencies
  const staying =
    (due: () => number | null): AlarmJob['due'] =>
    () =>
      store.isLive && store.erasure === null ? due() : null
  const leaving =
    (due: (begun: erasure.Erasure) => number | null): AlarmJob['due'] =>
    () =>
      store.isLive && store.erasure !== null ? due(store.erasure) : null
  const either =
    (due: () => number | null): AlarmJob['due'] =>
    () =>
      store.isLive ? due() : null
  const feed = profileFeed({ store, groupOf })
  return [
    {
      name: 'profile',
      due: staying(() => store.profile.due),
      run: () => fetchProfile(dependencies),
      probe: () => probeDatabase(env.DB),
    },
    {
      name: 'search',
      due: staying(() => indexDue(indexOf(store.context()))),
      run: () => store.write(continueIndexing),
    },
    {
      name: 'quotes',
      due: staying(() => (isBlankingQuotes(store.sql) ? Date.now() : null)),
      run: () => store.write(continueBlankingQuotes),
    },
    {
      name: 'clearings',
      due: staying(() => (isEmptying(store.sql) ? Date.now() : null)),
      run: () => store.write(continueEmptying),
    },
    {
      name: 'confirmations',
      due: either(() => (store.chats.hasUnwritten ? Date.now() : null)),
      run: () => store.write(({ chats }) => chats.saveUnwritten()),
    },
    { name: 'deliveries', due: either(() => drains.due()), run: () => drains.startDue() },
    {
      name: 'files',
      due: either(() => cleanUpDue(store.sql)),
      run: () => removeFiles(dependencies),
      probe: () => probeBucket(env.FILES),
    },
    checks.job(),
    { ...feed, due: staying(feed.due) },
    {
      name: 'memberships',
      due: leaving(() => (store.groups.acquainted().length > 0 ? Date.now() : null)),
      run: () => leaveGroups(store, groupOf),
    },
    {
      name: 'record',
      due: leaving(({ recordRemoved }) => (recordRemoved ? null : Date.now())),
      run: () => removeRecord(dependencies),
      probe: () => probeDatabase(env.DB),
    },
    { name: 'burial', due: leaving((begun) => burialDue(dependencies, begun)), run: () => bury(dependencies) },
  ]
}

/** Fetches the profile when a change was announced and its result was never reported. */
async function fetchProfile({ store, env, setProfile }: Dependencies) {
  const own = await users.find(env.DB, store.userId)
  if (own) setProfile(own)
  else store.profile.expectNone()
}

/** Deletes the bytes of files that were removed, or whose upload never finished, and then forgets the files. */
async function removeFiles({ store: { sql }, env }: Dependencies) {
  const fileIds = takeRemovable(sql, Date.now())
  if (fileIds.length === 0) return
  await fileObjects.remove(env.FILES, fileIds)
  forgetFiles(sql, fileIds)
}

/** Removes the owner's record in D1. */
async function removeRecord({ store, env }: Dependencies) {
  const begun = store.erasure
  if (begun === null) return
  const { profile, userId } = store
  const { phoneNumber } = profile.find()?.own ?? { phoneNumber: '' }
  const numberKeys = keysOfNumber(store.config(), phoneNumber)
  const reportedKey = sign(store.config(), 'report', phoneNumber || userId)
  await users.erase(env.DB, { userId, phoneNumber, numberKeys, reportedKey, until: begun.lastUsedAt })
  store.recordRemoved(begun)
}

/** Once nothing else is left to do; or, with peers that cannot be reached, once they have been waited for long enough. */
function burialDue({ store, drains }: Dependencies, begun: erasure.Erasure): number | null {
  if (!begun.recordRemoved || cleanUpDue(store.sql) !== null) return null
  return drains.pending().length > 0 || store.groups.acquainted().length > 0 ? erasure.patienceEnds(begun) : Date.now()
}

/** The last step of an erasure. */
async function bury({ store, drains }: Dependencies) {
  const begun = store.erasure
  if (begun === null) return
  store.write((context) => erasure.giveUpPeers(context, begun))
  const isPatient = Date.now() < erasure.patienceEnds(begun)
  if (isPatient && store.groups.acquainted().length > 0) return
  if (drains.pending().length > 0 || cleanUpDue(store.sql) !== null) return
  await store.bury()
}
