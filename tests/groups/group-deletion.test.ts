import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { File } from '../../schemas/file'
import type { GroupMemberShown } from '../../schemas/group'
import type { Message } from '../../schemas/message'
import { call, ok } from '../support/call'
import { get, list, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls, stubOf } from '../support/delivery-faults'
import { changesOf, createGroup, groupOf, settle, type TestGroup, textsOf } from '../support/group-calls'
import * as media from '../support/media'
import { newUser, type TestUser } from '../support/users'

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0)) stop()
})

const names = ['Walburga', 'Wanderfalke', 'walburga_w']

/** A user whom others know by name and picture. */
async function newNamedUser(): Promise<TestUser & { avatarFileId: string }> {
  const user = await newUser()
  const raw = { raw: media.png(), query: { name: 'a.png' }, headers: { 'Content-Type': 'image/png' } }
  const { id: avatarFileId } = await ok<File>('uploadFile', raw, { as: user })
  const username = `walburga_w${Date.now() % 100_000}${Math.floor(Math.random() * 1_000)}`
  await ok('updateMe', { body: { firstName: names[0], lastName: names[1], username, avatarFileId } }, { as: user })
  return { ...user, avatarFileId }
}

/** Everything that is stored of a group, as one text. */
const storedOf = ({ id }: TestGroup) =>
  runInDurableObject(env.GROUP.get(env.GROUP.idFromName(id)), (_, { storage: { sql } }) => {
    const tables = sql
      .exec<{ name: string }>(
        `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf\\_%' ESCAPE '\\'`,
      )
      .toArray()
    return JSON.stringify(tables.map(({ name }) => sql.exec(`SELECT * FROM ${name}`).toArray()))
  })

async function expectNameless(groups: TestGroup[], { avatarFileId }: { avatarFileId: string }) {
  for (const group of groups)
    for (const part of [...names, avatarFileId]) expect(await storedOf(group)).not.toContain(part)
}

const formerMembers = async (as: TestUser, { id: groupId }: TestGroup) =>
  (
    await ok<{ items: GroupMemberShown[] }>(
      'listGroupMembers',
      { params: { groupId }, query: { left: 'true' } },
      { as },
    )
  ).items

const nameless = (id: string) => ({
  left: true,
  user: { id, username: null, firstName: null, lastName: null, avatarFileId: null, avatarUrl: null },
})

async function ringUntilErased({ id }: TestUser) {
  const isErased = () =>
    runInDurableObject(
      stubOf(id),
      (_, { storage }) => storage.sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'tombstone'`).toArray().length > 0,
    )
  for (let rounds = 1; !(await isErased()); rounds++) {
    if (rounds > 40) throw new Error('The account is not erased')
    await later(rounds * 600, () => runDurableObjectAlarm(stubOf(id)))
  }
}

const deleteMe = async (as: TestUser) => expect((await call('deleteMe', {}, { as })).status).toBe(204)

test('a deleted account leaves its groups, and those of before forget its name, too', async () => {
  const walburga = await newNamedUser()
  const ben = await newUser()
  const create = async (owner: TestUser, other: TestUser) => ({ id: (await createGroup(owner, [other])).chat.id })
  const [member, owner, former] = [
    await create(ben, walburga),
    await create(walburga, ben),
    await create(ben, walburga),
  ] as const
  const messages: Message[] = []
  for (const group of [member, owner, former]) messages.push(await send(walburga, group, 'it stays'))
  await ok('leaveGroup', { params: { groupId: former.id } }, { as: walburga })
  const { cursor } = await changesOf(ben, former)
  for (const group of [member, owner, former]) expect(await storedOf(group)).toContain(names[0])

  await deleteMe(walburga)
  await ringUntilErased(walburga)
  await expectNameless([member, owner, former], walburga)
  for (const [n, group] of [member, owner, former].entries()) {
    expect(await formerMembers(ben, group)).toMatchObject([nameless(walburga.id)])
    expect(await get(ben, group, messages[n] as Message)).toMatchObject({ text: 'it stays', senderId: walburga.id })
  }
  expect(await ok('getGroup', { params: { groupId: owner.id } }, { as: ben })).toMatchObject({
    group: { role: 'owner' },
  })
  expect(await changesOf(ben, former, cursor)).toMatchObject({ reset: false, members: [nameless(walburga.id)] })
})

test('a group that cannot be reached is told later, and keeps the erasure open until then', async () => {
  const walburga = await newNamedUser()
  const ben = await newUser()
  const { chat } = await createGroup(ben, [walburga])
  const second = await createGroup(ben, [walburga])
  let isDown = true
  undo.push(
    interceptCalls((one) =>
      isDown && one.userId === chat.id && one.method === 'forgetAccount'
        ? Promise.reject(new Error('down'))
        : one.make(),
    ),
  )
  await deleteMe(walburga)
  for (let n = 1; n < 5; n++) await later(n * 600, () => runDurableObjectAlarm(stubOf(walburga.id)))
  await expectNameless([{ id: second.chat.id }], walburga)
  expect(await storedOf({ id: chat.id })).toContain(names[0])
  isDown = false
  await ringUntilErased(walburga)
  await expectNameless([{ id: chat.id }], walburga)
})

test('a group that learns from a nudge that an account is gone forgets its name', async () => {
  const walburga = await newNamedUser()
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  await ok('addGroupMembers', { params: { groupId: group.id }, body: { userIds: [walburga.id] } }, { as: ana })
  const params = { groupId: group.id, userId: walburga.id }
  await ok('updateGroupMember', { params, body: { role: 'owner' } }, { as: ana })
  await send(walburga, group, 'it stays')
  await settle(group)
  // A mailbox that has just looked is told of the next change.
  await ok('listChats', {}, { as: walburga })
  // The erasure itself does not reach the group.
  undo.push(interceptCalls((one) => (one.method === 'forgetAccount' ? Promise.reject(new Error('down')) : one.make())))
  await deleteMe(walburga)
  await send(ana, group, 'hello?')
  await settle(group)
  await expect.poll(() => storedOf(group)).not.toContain(names[0])
  await expectNameless([group], walburga)
  expect(await formerMembers(ana, group)).toMatchObject([nameless(walburga.id)])
  expect(textsOf((await list(ana, group)).items)).toEqual(['hello?', 'it stays'])
  expect(await ok('getGroup', { params: { groupId: group.id } }, { as: ana })).toMatchObject({
    group: { role: 'owner' },
  })
})
