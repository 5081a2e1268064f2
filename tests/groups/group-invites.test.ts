import { describe, expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import type { GroupInvitePreview, GroupInviteShown } from '../../schemas/group-invite'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { chat, list, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls } from '../support/delivery-faults'
import {
  createGroup,
  createInvite,
  fillGroup,
  fillWithGroups,
  groupOf,
  inGroup,
  join,
  type TestGroup,
  textsOf,
  untilErased,
} from '../support/group-calls'
import { configureMailbox } from '../support/rotation'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

const preview = (as: TestUser, { code }: { code: string }) =>
  ok<GroupInvitePreview>('getGroupInvite', { params: { code } }, { as })

const listInvites = (as: TestUser, { id: groupId }: TestGroup, query = {}) =>
  ok<{ items: GroupInviteShown[]; nextCursor: string | null }>(
    'listGroupInvites',
    { params: { groupId }, query },
    { as },
  )

const usesOf = async (as: TestUser, group: TestGroup) => (await listInvites(as, group)).items.map(({ uses }) => uses)

const listed = async (as: TestUser) => (await ok<Chats>('listChats', {}, { as })).items.map(({ id }) => id)

const ofMember = ({ id: groupId }: TestGroup, { id: userId }: TestUser) => ({ params: { groupId, userId } })

/** What a user is answered who tries both operations of a code, without what differs from request to request. */
async function answersTo(as: TestUser, code: string) {
  const answers = [
    await refused('getGroupInvite', 'invite_not_found', { params: { code } }, { as }),
    await refused('joinGroup', 'invite_not_found', { params: { code } }, { as }),
  ]
  return answers.map(({ body }) => ({ ...body, requestId: '' }))
}

describe('an invitation', () => {
  test('shows the group before joining, and makes a member of whoever uses it, once', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const carla = await newUser()
    await send(ana, group, 'hello')
    const invite = await createInvite(ana, group)
    expect(invite.code).toMatch(new RegExp(`^${group.id}\\.[\\w-]{22}$`))
    expect(await preview(carla, invite)).toEqual({
      ...{ groupId: group.id, title: 'Lighthouse keepers', about: null, memberCount: 2 },
      ...{ needsApproval: false, standing: 'none' },
    })
    const socket = await connectLive(ana)
    const joined = await join(carla, invite)
    expect(joined).toMatchObject({
      standing: 'member',
      chat: { id: group.id, group: { role: 'member', memberCount: 3 } },
    })
    await socket.next('groupChanges', ({ chat: { group: shown } }) => shown?.memberCount === 3)
    expect(await join(carla, invite)).toMatchObject({ standing: 'member' })
    expect(await join(ben, invite)).toMatchObject({ standing: 'member' })
    expect(await usesOf(ana, group)).toEqual([1])
    expect(await preview(carla, invite)).toMatchObject({ standing: 'member', memberCount: 3 })
    expect(await listed(carla)).toEqual([group.id])
    const { items } = await list(carla, group)
    expect(textsOf(items)).toEqual(['hello'])
    expect(items[0]).toMatchObject({ senderId: carla.id, event: { type: 'memberJoined', userIds: [carla.id] } })
  })

  test('that is wrong, expired, used up or revoked, or of a group that keeps the user out, is answered alike', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    const [ben, carla] = [await newUser(), await newUser()]
    const expiring = await createInvite(ana, group, { expiresInSeconds: 60 })
    const single = await createInvite(ana, group, { maxUses: 1 })
    const revoked = await createInvite(ana, group)
    const lasting = await createInvite(ana, group)
    await ok('revokeGroupInvite', { params: { groupId: group.id, inviteId: revoked.id } }, { as: ana })
    await ok('revokeGroupInvite', { params: { groupId: group.id, inviteId: revoked.id } }, { as: ana })
    await preview(ben, expiring)
    await join(carla, single)
    const nowhere = await answersTo(ben, `grp_${'0'.repeat(26)}.${'A'.repeat(22)}`)
    expect(await answersTo(ben, `${group.id}.${'A'.repeat(22)}`)).toEqual(nowhere)
    expect(await answersTo(ben, single.code)).toEqual(nowhere)
    expect(await answersTo(ben, revoked.code)).toEqual(nowhere)
    expect(await later(61, () => answersTo(ben, expiring.code))).toEqual(nowhere)
    await ok('banGroupMember', ofMember(group, ben), { as: ana })
    expect(await answersTo(ben, lasting.code)).toEqual(nowhere)
    expect(await listed(ben)).toEqual([])
    await ok('unbanGroupMember', ofMember(group, ben), { as: ana })
    await join(ben, lasting)
    // Who has used it up can repeat the call.
    expect(await join(carla, single)).toMatchObject({ standing: 'member' })
    await ok('endGroup', { params: { groupId: group.id } }, { as: ana })
    expect(await answersTo(ben, lasting.code)).toEqual(nowhere)
    await untilErased(group)
    expect(await answersTo(ben, lasting.code)).toEqual(nowhere)
  })

  test('is created, listed and revoked by the owner and admins alone', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    await ok('updateGroupMember', { ...ofMember(group, ben), body: { role: 'admin' } }, { as: ana })
    const first = await createInvite(ben, group, { expiresInSeconds: 3_600, maxUses: 2, needsApproval: true })
    expect(first).toMatchObject({ createdBy: ben.id, maxUses: 2, uses: 0, needsApproval: true })
    expect(Date.parse(first.expiresAt ?? '') - Date.parse(first.createdAt)).toBe(3_600_000)
    const second = await createInvite(ana, group, { expiresInSeconds: null, maxUses: null })
    expect(second).toMatchObject({ expiresAt: null, maxUses: null, needsApproval: false })
    const page = await listInvites(ana, group, { limit: 1 })
    const rest = await listInvites(ana, group, { limit: 1, cursor: page.nextCursor ?? '' })
    expect([...page.items, ...rest.items].map(({ id }) => id).sort()).toEqual([first.id, second.id].sort())
    expect(rest.nextCursor).toBeNull()
    const input = { params: { groupId: group.id, inviteId: first.id } }
    await refused('createGroupInvite', 'not_allowed_in_group', { ...input, body: {} }, { as: carla })
    await refused('listGroupInvites', 'not_allowed_in_group', input, { as: carla })
    await refused('revokeGroupInvite', 'not_allowed_in_group', input, { as: carla })
    expect(await preview(carla, first)).toMatchObject({ standing: 'member' })
    expect((await listInvites(ana, group)).items).toHaveLength(2)
  })

  test('is one of at most fifty that can be used; used-up ones make room', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    for (let n = 0; n < limits.groupInvitesMax; n++) await createInvite(ana, group, n === 0 ? { maxUses: 1 } : {})
    const input = { params: { groupId: group.id }, body: {} }
    await refused('createGroupInvite', 'invites_full', input, { as: ana })
    const single = (await listInvites(ana, group, { limit: 200 })).items.find(({ maxUses }) => maxUses === 1)
    await join(await newUser(), single ?? { code: '' })
    await createInvite(ana, group)
    await refused('createGroupInvite', 'invites_full', input, { as: ana })
    await inGroup(group, `UPDATE invites SET expires_at = 1, max_uses = NULL`)
    expect((await listInvites(ana, group)).items).toEqual([])
    await createInvite(ana, group)
    expect(await inGroup(group, 'SELECT count(*) AS rows FROM invites')).toEqual([{ rows: 1 }])
  })

  test('lets nobody into a full group, or into more groups than they may be in', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    const invite = await createInvite(ana, group)
    const ben = await newUser()
    await fillGroup(group, 999)
    await refused('joinGroup', 'group_full', { params: { code: invite.code } }, { as: ben })
    expect(await usesOf(ana, group)).toEqual([0])
    await createGroup(ben)
    await fillWithGroups(ben, 499)
    await refused('joinGroup', 'groups_full', { params: { code: invite.code } }, { as: ben })
  })

  test('can be used so often a day, not counting groups that the user is in', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    const invite = await createInvite(ana, group)
    const ben = await newUser()
    await configureMailbox(ben.id, { GROUP_JOINS_PER_DAY: 1 })
    await join(ben, invite)
    await join(ben, invite)
    await ok('leaveGroup', { params: { groupId: group.id } }, { as: ben })
    const { headers } = await refused(
      'joinGroup',
      'group_joins_exhausted',
      { params: { code: invite.code } },
      { as: ben },
    )
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0)
  })

  test('whose answer was lost has made a member, who learns of it', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    const invite = await createInvite(ana, group, { maxUses: 1 })
    const ben = await newUser()
    const stop = interceptCalls(async ({ userId, method, make }) => {
      const answer = await make()
      if (userId === group.id && method === 'join') throw new Error('The reply was lost')
      return answer
    })
    const answer = await call('joinGroup', { params: { code: invite.code } }, { as: ben }).finally(stop)
    expect(answer.status).toBe(503)
    expect(await join(ben, invite)).toMatchObject({ standing: 'member' })
    expect(await listed(ben)).toEqual([group.id])
    expect(await chat(ana, group)).toMatchObject({ group: { memberCount: 2 } })
  })
})
