import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import type { AlarmJob } from '../../durable/alarm-schedule'
import { timeLimit } from '../../durable/time-limit'
import { type Actor, type GroupStub, isOut } from '../../group/shapes'
import type { MailboxStore } from '../store'
import type { GroupRow } from '../tables/groups'
import { actorOf } from './actor'
import { exit } from './rows'

interface Dependencies {
  store: MailboxStore
  groupOf: (groupId: string) => GroupStub
}

/** How far the owner's groups were told, which a mailbox that wakes goes on from. */
interface Progress {
  /** When the next groups may be told (epoch milliseconds). */
  at: number
  /** The group after which they come: one that fails waits until all others were told. */
  after: string
}

const key = 'group_profiles'

const progressOf = ({ values }: MailboxStore): Progress => {
  const stored = values.read(key)
  return stored === undefined ? { at: 0, after: '' } : JSON.parse(stored)
}

/** Groups that know an older profile of the owner. */
function outdated({ groups, profile }: MailboxStore): GroupRow[] {
  const own = profile.find()
  return own ? groups.joined().filter(({ profile_revision }) => profile_revision < own.revision) : []
}

/**
 * Tells the owner's groups of a changed profile, a few a minute: each of them tells all of its members. A user who is in as
 * many groups as one may be is known by all within the hour. The first wait lets changes come together.
 */
export const profileFeed = (given: Dependencies): AlarmJob => ({
  name: 'groupProfiles',
  due: () => {
    const { store } = given
    if (outdated(store).length === 0) return null
    const changedAt = store.profile.find()?.own.updatedAt ?? 0
    return Math.max(progressOf(store).at, changedAt + limits.groupProfilesPauseMs)
  },
  run: () => tellSome(given),
})

async function tellSome({ store, groupOf }: Dependencies) {
  const actor = actorOf(store.context())
  if (!actor) return
  const { after } = progressOf(store)
  const all = outdated(store).toSorted((a, b) => (a.group_id < b.group_id ? -1 : 1))
  const next = all.filter(({ group_id }) => group_id > after)
  const slice = (next.length > 0 ? next : all).slice(0, limits.groupProfilesAtOnce).map(({ group_id }) => group_id)
  const progress: Progress = { at: Date.now() + limits.groupProfilesPauseMs, after: slice.at(-1) ?? '' }
  store.write(({ values }) => values.write(key, JSON.stringify(progress)))
  await Promise.all(
    slice.map((groupId) => tell(store, groupOf, groupId, actor).catch((error) => events.groupCallFailed({ error }))),
  )
}

async function tell(store: MailboxStore, groupOf: Dependencies['groupOf'], groupId: string, actor: Actor) {
  const told = groupOf(groupId).followProfile(actor)
  const answer = await timeLimit(told, limits.groupCallMs, 'A group did not answer in time')
  const row = store.groups.member(groupId)
  if (store.isGone || !row) return
  if (isOut(answer)) store.write((context) => exit(context, groupId, answer.out))
  else if (answer.ok && row.profile_revision < actor.revision)
    store.write(({ groups }) => groups.save({ ...row, profile_revision: actor.revision }))
}
