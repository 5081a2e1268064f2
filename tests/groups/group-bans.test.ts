import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import type { GroupBanShown } from '../../schemas/group-ban'
import { call, ok, refused } from '../support/call'
import { list } from '../support/chat-calls'
import { interceptCalls } from '../support/delivery-faults'
import { addMembers, groupOf, type TestGroup } from '../support/group-calls'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

const ban = (as: TestUser, { id: groupId }: TestGroup, { id: userId }: TestUser) =>
  ok<GroupBanShown>('banGroupMember', { params: { groupId, userId } }, { as })

const unban = (as: TestUser, { id: groupId }: TestGroup, { id: userId }: TestUser) =>
  ok('unbanGroupMember', { params: { groupId, userId } }, { as })

const bansOf = (as: TestUser, { id: groupId }: TestGroup, query = {}) =>
  ok<{ items: GroupBanShown[]; nextCursor: string | null }>('listGroupBans', { params: { groupId }, query }, { as })

const makeAdmin = (as: TestUser, { id: groupId }: TestGroup, { id: userId }: TestUser) =>
  ok('updateGroupMember', { params: { groupId, userId }, body: { role: 'admin' } }, { as })

const eventsOf = async (as: TestUser, group: TestGroup) =>
  (await list(as, group)).items.flatMap(({ event }) => (event ? [[event.type, ...event.userIds]] : []))

test('a ban removes a member, for whom the group no longer exists, and keeps them out until it is lifted', async () => {
  const { group, users } = await groupOf(3)
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  const socket = await connectLive(ben)
  const banned = await ban(ana, group, ben)
  expect(banned).toMatchObject({ userId: ben.id, user: { id: ben.id }, bannedBy: ana.id })
  await socket.next('changes', ({ changes }) => changes.left.includes(group.id))
  await refused('getGroup', 'chat_not_found', { params: { groupId: group.id } }, { as: ben })
  expect((await ok<Chats>('listChats', {}, { as: ben })).items).toEqual([])
  const added = await addMembers(carla, group, [ben, carla])
  expect(added).toEqual({ added: [carla.id], banned: [ben.id], toInvite: [], unreachable: [] })
  await refused('getGroup', 'chat_not_found', { params: { groupId: group.id } }, { as: ben })
  await unban(ana, group, ben)
  await refused('getGroup', 'chat_not_found', { params: { groupId: group.id } }, { as: ben })
  expect((await addMembers(carla, group, [ben])).added).toEqual([ben.id])
  await ok('getGroup', { params: { groupId: group.id } }, { as: ben })
  expect((await eventsOf(carla, group)).slice(0, 3)).toEqual([
    ['membersAdded', ben.id],
    ['memberUnbanned', ben.id],
    ['memberBanned', ben.id],
  ])
})

test('somebody who is no member can be banned, of which members are told nothing', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const stranger = await newUser()
  const before = await eventsOf(ben, group)
  const first = await ban(ana, group, stranger)
  expect(first).toMatchObject({ userId: stranger.id, user: null })
  expect(await ban(ana, group, stranger)).toEqual(first)
  expect((await addMembers(ben, group, [stranger])).banned).toEqual([stranger.id])
  await unban(ana, group, stranger)
  await unban(ana, group, stranger)
  expect(await eventsOf(ben, group)).toEqual(before)
  expect((await addMembers(ben, group, [stranger])).added).toEqual([stranger.id])
})

test('the owner bans anyone, admins ban members, and members nobody', async () => {
  const { group, users } = await groupOf(4)
  const [ana, ben, carla, dora] = users as [TestUser, TestUser, TestUser, TestUser]
  for (const admin of [ben, carla]) await makeAdmin(ana, group, admin)
  const of = ({ id: userId }: TestUser) => ({ params: { groupId: group.id, userId } })
  await refused('banGroupMember', 'not_allowed_in_group', of(ana), { as: ben })
  await refused('banGroupMember', 'not_allowed_in_group', of(carla), { as: ben })
  await refused('banGroupMember', 'not_allowed_in_group', of(await newUser()), { as: dora })
  await refused('unbanGroupMember', 'not_allowed_in_group', of(await newUser()), { as: dora })
  await refused('listGroupBans', 'not_allowed_in_group', of(ana), { as: dora })
  await refused('banGroupMember', 'own_user', of(ana), { as: ana })
  expect((await bansOf(ana, group)).items).toEqual([])
  await ban(ben, group, dora)
  await ban(ana, group, carla)
  const { items, nextCursor } = await bansOf(ben, group)
  expect(items.map(({ userId, bannedBy }) => [userId, bannedBy])).toEqual(
    [
      [carla.id, ana.id],
      [dora.id, ben.id],
    ].sort(),
  )
  expect(nextCursor).toBeNull()
})

test('bans are listed page by page, and are no more than a group can hold', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const strangers = await Promise.all([newUser(), newUser(), newUser()])
  for (const one of strangers) await ban(ana, group, one)
  const first = await bansOf(ana, group, { limit: 2 })
  const second = await bansOf(ana, group, { limit: 2, cursor: first.nextCursor ?? '' })
  expect([...first.items, ...second.items].map(({ userId }) => userId)).toEqual(strangers.map(({ id }) => id).sort())
  expect(second.nextCursor).toBeNull()
  const count = await runInDurableObject(env.GROUP.getByName(group.id), (_, { storage }) =>
    storage.sql.exec('SELECT ban_count FROM facts').one(),
  )
  expect(count).toEqual({ ban_count: 3 })
  await runInDurableObject(env.GROUP.getByName(group.id), async (_, { storage }) => {
    storage.sql.exec('UPDATE facts SET ban_count = 10000')
  })
  await evictDurableObject(env.GROUP.getByName(group.id))
  const input = { params: { groupId: group.id, userId: (await newUser()).id } }
  await refused('banGroupMember', 'bans_full', input, { as: ana })
  await unban(ana, group, strangers[0])
  await ok('banGroupMember', input, { as: ana })
})

test('whoever is banned while their mailbox is asked to let them be added is not added', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const ben = await newUser()
  const stop = interceptCalls(async ({ method, make }) => {
    const answer = await make()
    if (method === 'mayBeAdded') await ban(ana, group, ben)
    return answer
  })
  const added = await addMembers(ana, group, [ben]).finally(stop)
  expect(added).toEqual({ added: [], banned: [ben.id], toInvite: [], unreachable: [] })
  expect((await call('getGroup', { params: { groupId: group.id } }, { as: ben })).status).toBe(404)
})
