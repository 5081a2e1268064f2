import { afterEach, expect, test } from 'vitest'
import type { Nudge } from '../../objects/group/shapes'
import type { Chats } from '../../schemas/chat'
import { call, ok, refused } from '../support/call'
import { send } from '../support/chat-calls'
import { inMailbox, interceptCalls, type MailboxCall } from '../support/delivery-faults'
import { addMembers, createInvite, groupOf, settle, type TestGroup } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

/** What a mailbox believes of a membership when calls are late, in any order. */

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0)) stop()
})

const of = ({ id: groupId }: TestGroup, { id: userId }: TestUser) => ({ params: { groupId, userId } })

const listed = async (as: TestUser) => (await ok<Chats>('listChats', {}, { as })).items.map(({ id }) => id)

const stateIn = async ({ id }: TestUser, group: TestGroup) => {
  const [row] = await inMailbox<{ state: string }>(id, `SELECT state FROM groups WHERE group_id = '${group.id}'`)
  return row?.state
}

/** Holds back what a mailbox is told by groups of each membership and each end of one, to be told in another order. */
function holdNudges(user: TestUser) {
  const held = new Map<number, () => Promise<unknown>>()
  const stop = interceptCalls(async ({ userId, method, input, make }) => {
    if (userId !== user.id || method !== 'nudge') return make()
    const [{ since }] = input as [Nudge]
    held.set(since, make)
    throw new Error('The call is late')
  })
  undo.push(stop)
  return { held, stop }
}

/** Does something once a call was carried out and before its caller hears of that. */
function beforeTheAnswer(isMeant: (call: MailboxCall) => boolean, act: () => Promise<unknown>) {
  let isDone = false
  undo.push(
    interceptCalls(async (made) => {
      const answer = await made.make()
      if (isDone || !isMeant(made)) return answer
      isDone = true
      await act()
      return answer
    }),
  )
}

const permutations = <T>(list: readonly T[]): T[][] =>
  list.length < 2
    ? [[...list]]
    : list.flatMap((one, at) => permutations(list.toSpliced(at, 1)).map((rest) => [one, ...rest]))

test('whoever is banned before they hear that they have joined is out, without being asked', async () => {
  for (const earlier of ['never a member', 'a former member']) {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const user = earlier === 'never a member' ? await newUser() : ben
    if (user === ben) await ok('leaveGroup', { params: { groupId: group.id } }, { as: ben })
    const { code } = await createInvite(ana, group)
    beforeTheAnswer(
      ({ userId, method }) => userId === group.id && method === 'join',
      async () => {
        await ok('banGroupMember', of(group, user), { as: ana })
        await settle(group)
      },
    )
    await call('joinGroup', { params: { code } }, { as: user })
    expect(await stateIn(user, group), earlier).toBe('left')
    await refused('getGroup', 'chat_not_found', { params: { groupId: group.id } }, { as: user })
    expect(await listed(user)).toEqual([])
  }
})

test('whoever is removed and back within a second ends as they were last, whatever order the calls come in', async () => {
  for (const order of permutations([0, 1, 2])) {
    for (const ends of ['out', 'in'] as const) {
      const { group, users } = await groupOf(2)
      const [ana, ben] = users as [TestUser, TestUser]
      if (ends === 'in') await ok('removeGroupMember', of(group, ben), { as: ana })
      await settle(group)
      const { held, stop } = holdNudges(ben)
      const remove = () => ok('removeGroupMember', of(group, ben), { as: ana })
      const add = () => addMembers(ana, group, [ben])
      const steps = ends === 'out' ? [remove, add, remove] : [add, remove, add]
      for (const [at, step] of steps.entries()) {
        await step()
        await expect.poll(() => held.size, { interval: 5 }).toBe(at + 1)
      }
      stop()
      for (const at of order) await [...held.values()][at]?.()
      const what = `${ends}, in the order ${order}`
      expect(await stateIn(ben, group), what).toBe(ends === 'out' ? 'left' : 'in')
      expect(await listed(ben), what).toEqual(ends === 'out' ? [] : [group.id])
    }
  }
})

test('whoever joins is shown what was written before they heard that they have', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const ben = await newUser()
  const { code } = await createInvite(ana, group)
  beforeTheAnswer(
    ({ userId, method }) => userId === group.id && method === 'join',
    async () => {
      await send(ana, group, 'meanwhile')
      await settle(group)
    },
  )
  await ok('joinGroup', { params: { code } }, { as: ben })
  const { items } = await ok<Chats>('listChats', {}, { as: ben })
  expect(items).toMatchObject([{ lastMessage: { text: 'meanwhile' }, unreadCount: 1 }])
})

test('whoever joins again while they are told that they were removed stays in', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const { code } = await createInvite(ana, group)
  await settle(group)
  const { held, stop } = holdNudges(ben)
  await ok('removeGroupMember', of(group, ben), { as: ana })
  await expect.poll(() => held.size).toBe(1)
  await ok('joinGroup', { params: { code } }, { as: ben })
  stop()
  for (const make of held.values()) await make()
  expect(await stateIn(ben, group)).toBe('in')
  expect(await listed(ben)).toEqual([group.id])
})
