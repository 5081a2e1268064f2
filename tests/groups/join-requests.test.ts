import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import type { GroupInvitePreview } from '../../schemas/group-invite'
import type { JoinRequestShown } from '../../schemas/join-request'
import { call, ok, refused } from '../support/call'
import { chat, delivered, list } from '../support/chat-calls'
import { interceptCalls } from '../support/delivery-faults'
import { addMembers, createInvite, fillGroup, groupOf, inGroup, join, type TestGroup } from '../support/group-calls'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

const standing = async (as: TestUser, { code }: { code: string }) =>
  (await ok<GroupInvitePreview>('getGroupInvite', { params: { code } }, { as })).standing

const requests = async (as: TestUser, { id: groupId }: TestGroup, query = {}) =>
  ok<{ items: JoinRequestShown[]; nextCursor: string | null }>(
    'listJoinRequests',
    { params: { groupId }, query },
    { as },
  )

const requesters = async (as: TestUser, group: TestGroup) =>
  (await requests(as, group)).items.map(({ user }) => user.id)

const about = ({ id: groupId }: TestGroup, { id: userId }: TestUser) => ({ params: { groupId, userId } })

const countOf = async (as: TestUser, group: TestGroup) => (await chat(as, group)).group?.joinRequestCount

const listed = async (as: TestUser) => (await ok<Chats>('listChats', {}, { as })).items.map(({ id }) => id)

/** A group with an admin and a member, and an invitation for which one of the first two has to approve. */
async function closedGroup() {
  const { group, users } = await groupOf(3)
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  await ok('updateGroupMember', { ...about(group, ben), body: { role: 'admin' } }, { as: ana })
  return {
    group,
    ana,
    ben,
    carla,
    dora: await newUser(),
    invite: await createInvite(ana, group, { needsApproval: true }),
  }
}

test('a request is shown to the owner and admins alone, who make a member of whoever made it', async () => {
  const { group, ana, ben, carla, dora, invite } = await closedGroup()
  const [admin, member] = [await connectLive(ben), await connectLive(carla)]
  expect(await join(dora, invite)).toEqual({ standing: 'requested', chat: null })
  await admin.next('groupChanges', ({ chat: { group: shown } }) => shown?.joinRequestCount === 1)
  expect(JSON.stringify(await member.untilNow())).not.toContain(dora.id)
  expect(await join(dora, invite)).toEqual({ standing: 'requested', chat: null })
  expect(await standing(dora, invite)).toBe('requested')
  expect([await countOf(ana, group), await countOf(ben, group), await countOf(carla, group)]).toEqual([1, 1, null])
  expect((await ok<Chats>('listChats', {}, { as: ana })).items).toMatchObject([{ group: { joinRequestCount: 1 } }])
  await refused('listJoinRequests', 'not_allowed_in_group', about(group, dora), { as: carla })
  await refused('approveJoinRequest', 'not_allowed_in_group', about(group, dora), { as: carla })
  await refused('declineJoinRequest', 'not_allowed_in_group', about(group, dora), { as: carla })
  await refused('getGroup', 'chat_not_found', about(group, dora), { as: dora })
  expect(await listed(dora)).toEqual([])
  expect((await requests(ben, group)).items).toMatchObject([{ user: { id: dora.id }, inviteId: invite.id }])
  const socket = await connectLive(dora)
  const approved = await ok('approveJoinRequest', about(group, dora), { as: ben })
  expect(approved).toMatchObject({ user: { id: dora.id }, role: 'member', left: false })
  await socket.next('groupChanges', ({ chatId }) => chatId === group.id)
  expect(await ok('approveJoinRequest', about(group, dora), { as: ana })).toMatchObject({ user: { id: dora.id } })
  expect(await standing(dora, invite)).toBe('member')
  expect(await listed(dora)).toEqual([group.id])
  expect(await countOf(ana, group)).toBe(0)
  expect((await list(carla, group)).items[0]).toMatchObject({
    ...{ senderId: ben.id, event: { type: 'memberJoined', userIds: [dora.id] } },
  })
})

test('a request is declined, withdrawn, or made needless', async () => {
  const { group, ana, ben, dora, invite } = await closedGroup()
  await refused('approveJoinRequest', 'join_request_not_found', about(group, dora), { as: ana })
  await refused('declineJoinRequest', 'chat_not_found', about(group, dora), { as: dora })
  await join(dora, invite)
  await ok('declineJoinRequest', about(group, dora), { as: ben })
  await ok('declineJoinRequest', about(group, dora), { as: ben })
  expect(await standing(dora, invite)).toBe('none')
  await refused('approveJoinRequest', 'join_request_not_found', about(group, dora), { as: ana })
  await join(dora, invite)
  await ok('declineJoinRequest', about(group, dora), { as: dora })
  await refused('declineJoinRequest', 'chat_not_found', about(group, dora), { as: dora })
  expect(await countOf(ana, group)).toBe(0)
  await join(dora, invite)
  await addMembers(ana, group, [dora])
  expect([await requesters(ana, group), await countOf(ana, group)]).toEqual([[], 0])
  const [eva, fritz] = [await newUser(), await newUser()]
  await join(eva, invite)
  expect(await join(eva, await createInvite(ana, group))).toMatchObject({ standing: 'member' })
  await join(fritz, invite)
  await ok('banGroupMember', about(group, fritz), { as: ana })
  await refused('approveJoinRequest', 'join_request_not_found', about(group, fritz), { as: ana })
  expect([await requesters(ana, group), await countOf(ana, group)]).toEqual([[], 0])
  await refused('getGroup', 'chat_not_found', about(group, fritz), { as: fritz })
})

test('a request uses an invitation up, and can be approved after its end', async () => {
  const { group, ana, dora } = await closedGroup()
  const single = await createInvite(ana, group, { needsApproval: true, maxUses: 1 })
  await join(dora, single)
  await refused('joinGroup', 'invite_not_found', { params: { code: single.code } }, { as: await newUser() })
  expect(await standing(dora, single)).toBe('requested')
  expect(await join(dora, single)).toMatchObject({ standing: 'requested' })
  await ok('revokeGroupInvite', { params: { groupId: group.id, inviteId: single.id } }, { as: ana })
  await refused('getGroupInvite', 'invite_not_found', { params: { code: single.code } }, { as: dora })
  await ok('approveJoinRequest', about(group, dora), { as: ana })
  expect(await listed(dora)).toEqual([group.id])
})

test('a request ends with the account that made it, and never makes a member of it', async () => {
  const { group, ana, dora, invite } = await closedGroup()
  await join(dora, invite)
  await ok('deleteMe', {}, { as: dora })
  await delivered(dora)
  expect([await requesters(ana, group), await countOf(ana, group)]).toEqual([[], 0])
  const eva = await newUser()
  const stop = interceptCalls(async ({ userId, method, make }) => {
    const answer = await make()
    if (userId === group.id && method === 'join') throw new Error('The reply was lost')
    return answer
  })
  await call('joinGroup', { params: { code: invite.code } }, { as: eva }).finally(stop)
  await ok('deleteMe', {}, { as: eva })
  await delivered(eva)
  expect(await requesters(ana, group)).toEqual([eva.id])
  await refused('approveJoinRequest', 'join_request_not_found', about(group, eva), { as: ana })
  expect([await requesters(ana, group), await countOf(ana, group)]).toEqual([[], 0])
  expect(await chat(ana, group)).toMatchObject({ group: { memberCount: 3 } })
})

test('an approval waits for the mailbox of who asked, and is given up when it does not answer', async () => {
  const { group, ana, dora, invite } = await closedGroup()
  await join(dora, invite)
  const lost = interceptCalls(async ({ method, make }) => {
    if (method === 'mayJoin') throw new Error('The call was lost')
    return make()
  })
  await refused('approveJoinRequest', 'service_unavailable', about(group, dora), { as: ana }).finally(lost)
  expect(await requesters(ana, group)).toEqual([dora.id])
  const banned = interceptCalls(async ({ method, make }) => {
    if (method === 'mayJoin') await ok('banGroupMember', about(group, dora), { as: ana })
    return make()
  })
  await refused('approveJoinRequest', 'join_request_not_found', about(group, dora), { as: ana }).finally(banned)
  await refused('getGroup', 'chat_not_found', about(group, dora), { as: dora })
})

test('requests are listed page by page, and are no more than a group takes', async () => {
  const { group, ana, dora, invite } = await closedGroup()
  const others = await Promise.all([newUser(), newUser()])
  for (const user of [dora, ...others]) await join(user, invite)
  const first = await requests(ana, group, { limit: 2 })
  const second = await requests(ana, group, { limit: 2, cursor: first.nextCursor ?? '' })
  const ids = [...first.items, ...second.items].map(({ user }) => user.id)
  expect(ids).toEqual([dora, ...others].map(({ id }) => id).sort())
  expect(second.nextCursor).toBeNull()
  await inGroup(group, 'UPDATE facts SET join_request_count = 500')
  await evictDurableObject(env.GROUP.getByName(group.id))
  const late = await newUser()
  await refused('joinGroup', 'join_requests_full', { params: { code: invite.code } }, { as: late })
  expect(await standing(late, invite)).toBe('none')
  await ok('declineJoinRequest', about(group, dora), { as: ana })
  expect(await join(late, invite)).toMatchObject({ standing: 'requested' })
})

test('nobody is approved into a full group', async () => {
  const { group, ana, dora, invite } = await closedGroup()
  await join(dora, invite)
  await fillGroup(group, 997)
  await refused('approveJoinRequest', 'group_full', about(group, dora), { as: ana })
  expect(await requesters(ana, group)).toEqual([dora.id])
})
