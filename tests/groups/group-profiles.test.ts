import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import type { GroupMembers } from '../../schemas/group'
import { call, ok } from '../support/call'
import { interceptCalls, type MailboxCall, stubOf } from '../support/delivery-faults'
import { createGroup, groupOf, type TestGroup } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

const minute = 60_000

afterEach(() => void vi.useRealTimers())

/** What members see of somebody's name. The clock stays ahead of what tokens allow meanwhile. */
async function shownName(as: TestUser, { id: groupId }: TestGroup, of: TestUser) {
  const { items } = await ok<{ items: GroupMember[] }>('listGroupMembers', { params: { groupId } }, { as })
  return items.find(({ user }) => user.id === of.id)?.user.firstName
}

type GroupMember = (typeof GroupMembers)['_output']['items'][number]

/** Rings the alarm of a mailbox as many minutes from now, when nobody uses it. */
async function ringAfter({ id }: TestUser, minutes: number) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + minutes * minute })
  await evictDurableObject(stubOf(id)).catch(() => {})
  await runDurableObjectAlarm(stubOf(id))
  vi.useRealTimers()
}

const rename = (as: TestUser, firstName: string) => ok('updateMe', { body: { firstName } }, { as })

const isFeed = ({ method }: MailboxCall) => method === 'followProfile'

test('a changed profile reaches a group whose owner does not look at it, once it has settled', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const { cursor } = await ok<{ cursor: string }>('listGroupChanges', { params: { groupId: group.id } }, { as: ana })
  await rename(ben, 'Benjamin')
  await ringAfter(ben, 0.5)
  expect(await shownName(ana, group, ben)).toBeNull()
  await rename(ben, 'Benedict')
  await ringAfter(ben, 1.1)
  expect(await shownName(ana, group, ben)).toBe('Benedict')
  const input = { params: { groupId: group.id }, query: { cursor } }
  expect(await ok('listGroupChanges', input, { as: ana })).toMatchObject({
    members: [{ user: { id: ben.id, firstName: 'Benedict' } }],
  })
})

test('groups are told some at a time, over an hour at most, and one that fails holds up none', async () => {
  const [ana, ben] = [await newUser(), await newUser()]
  const groups: TestGroup[] = []
  for (let n = 0; n < 20; n++) groups.push({ id: (await createGroup(ana, [ben])).chat.id })
  await rename(ben, 'Benedict')
  let asked: string[] = []
  const broken = groups.toSorted((a, b) => (a.id < b.id ? -1 : 1))[0]?.id
  const stop = interceptCalls((made) => {
    if (!isFeed(made)) return made.make()
    asked.push(made.userId)
    return made.userId === broken ? Promise.reject(new Error('down')) : made.make()
  })
  const askedIn = async (minutes: number) => {
    asked = []
    await ringAfter(ben, minutes)
    return asked
  }
  try {
    const slices = [await askedIn(2), await askedIn(2.5), await askedIn(4), await askedIn(6), await askedIn(8)]
    expect(slices.map(({ length }) => length)).toEqual([9, 0, 9, 2, 1])
    expect(new Set(slices.flat())).toEqual(new Set(groups.map(({ id }) => id)))
    expect(slices.at(-1)).toEqual([broken])
  } finally {
    stop()
  }
  await ringAfter(ben, 10)
  for (const group of groups) expect(await shownName(ana, group, ben)).toBe('Benedict')
})

test('nobody is told who has asked a group already, or has left it', async () => {
  const { group, users } = await groupOf(3)
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  await rename(ben, 'Benedict')
  await rename(carla, 'Carlotta')
  await ok('leaveGroup', { params: { groupId: group.id } }, { as: carla })
  await ok('listChats', {}, { as: ben })
  let count = 0
  const stop = interceptCalls((made) => {
    if (isFeed(made)) count++
    return made.make()
  })
  try {
    for (const user of [ben, carla]) await ringAfter(user, 2)
  } finally {
    stop()
  }
  expect(count).toBe(0)
  expect(await shownName(ana, group, ben)).toBe('Benedict')
  expect((await call('getGroup', { params: { groupId: group.id } }, { as: carla })).status).toBe(404)
})
