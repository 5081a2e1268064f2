import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import type { File } from '../../schemas/file'
import { call, ok, refused } from '../support/call'
import { delivered, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { alterMailbox, interceptCalls } from '../support/delivery-faults'
import { addMembers, createGroup, groupOf, settle, type TestGroup, untilErased } from '../support/group-calls'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0)) stop()
})

const end = (as: TestUser, { id: groupId }: TestGroup) => ok('endGroup', { params: { groupId } }, { as })

const stubOf = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

/** The tables of a group's object, each with its rows. */
const tablesOf = (group: TestGroup) =>
  runInDurableObject(stubOf(group), (_, { storage: { sql } }) => {
    const names = sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*'`)
      .toArray()
      .map(({ name }) => name)
    return Object.fromEntries(names.map((name) => [name, sql.exec(`SELECT * FROM ${name}`).toArray()]))
  })

const isErased = async (group: TestGroup) => Object.keys(await tablesOf(group)).join() === 'tombstone'

const listed = async (as: TestUser) => (await ok<Chats>('listChats', {}, { as })).items.map(({ id }) => id)

const uploaded = (as: TestUser) =>
  ok<File>('uploadFile', { raw: 'a chart', headers: { 'Content-Type': 'text/plain' } }, { as })

async function livelyGroup() {
  const { group, users } = await groupOf(3)
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  const file = await uploaded(ben)
  const first = await send(ben, group, 'look, Ana', { mentions: [ana.id], attachmentFileIds: [file.id] })
  await react(carla, group, first, '👍')
  const second = await send(carla, group, 'quoted', { replyToId: first.id })
  await remove(ana, group, second)
  await ok('banGroupMember', { params: { groupId: group.id, userId: (await newUser()).id } }, { as: ana })
  return { group, ana, ben, carla, file }
}

describe('a group that its owner ends', () => {
  test('exists for nobody any more, and nothing of it is left but a tombstone', async () => {
    const { group, ana, ben, carla, file } = await livelyGroup()
    const socket = await connectLive(ben)
    await refused('endGroup', 'not_allowed_in_group', { params: { groupId: group.id } }, { as: ben })
    await end(ana, group)
    await socket.next('changes', ({ changes }) => changes.left.includes(group.id))
    const input = { params: { groupId: group.id } }
    for (const as of [ana, ben, carla, await newUser()]) {
      await refused('endGroup', 'chat_not_found', input, { as })
      await refused('getGroup', 'chat_not_found', input, { as })
      expect(await listed(as)).toEqual([])
    }
    await untilErased(group)
    const { tombstone = [] } = await tablesOf(group)
    expect(tombstone).toEqual([{ erased_at: expect.any(Number), seq: expect.any(Number) }])
    await evictDurableObject(stubOf(group))
    for (const as of [ana, ben]) await refused('getGroup', 'chat_not_found', input, { as })
    await settle(group)
    expect(await isErased(group)).toBe(true)
    await ok('getFileInfo', { params: { fileId: file.id } }, { as: ben })
    await refused(
      'getFileInfo',
      'file_not_found',
      { params: { fileId: file.id }, query: { chatId: group.id } },
      { as: ben },
    )
  })

  test('is not begun again by a repeated call that created it', async () => {
    const ana = await newUser()
    const input = { body: { clientGroupId: crypto.randomUUID(), title: 'Keepers' } }
    const { chat } = await ok<{ chat: { id: string } }>('createGroup', input, { as: ana })
    await end(ana, chat)
    await untilErased(chat)
    await refused('createGroup', 'chat_not_found', input, { as: ana })
    expect(await isErased(chat)).toBe(true)
  })

  test('tells a mailbox that could not be reached as long as it takes, though its content is gone', async () => {
    const { group, ana, ben, carla } = await livelyGroup()
    expect(await listed(ben)).toEqual([group.id])
    let drops = true
    undo.push(
      interceptCalls(async ({ userId, method, make }) => {
        if (drops && userId === ben.id && method === 'nudge') throw new Error('The call was lost')
        return make()
      }),
    )
    await end(ana, group)
    for (const seconds of [60, 600, 1_200]) await later(seconds, () => settle(group))
    expect(await listed(carla)).toEqual([])
    const { members, facts, migrations, alarm_jobs, ...content } = await tablesOf(group)
    expect([members?.length, facts?.length]).toEqual([3, 1])
    expect(Object.values(content).flat()).toEqual([])
    expect(Object.keys(content)).toContain('messages')
    await refused('getGroup', 'chat_not_found', { params: { groupId: group.id } }, { as: carla })
    drops = false
    await later(3_600, () => settle(group))
    expect(await isErased(group)).toBe(true)
    expect(await listed(ben)).toEqual([])
  })

  test('tells a mailbox that still believes in it after its erasure that it is over', async () => {
    const { group, ana, ben } = await livelyGroup()
    await end(ana, group)
    await untilErased(group)
    await alterMailbox(ben.id, `UPDATE groups SET state = 'in', since = 1, dirty = 1, last_message_id = 'msg_1'`)
    const { left } = await ok<{ left: string[] }>('listChanges', {}, { as: ben })
    expect(left).toEqual([group.id])
    expect(await listed(ben)).toEqual([])
    await evictDurableObject(stubOf(group))
    await alterMailbox(ben.id, `UPDATE groups SET state = 'in', since = 1, dirty = 1, last_message_id = 'msg_1'`)
    expect(await ok('getUnreadCount', {}, { as: ben })).toMatchObject({ complete: true, chats: 0 })
  })

  test('of which much is stored is erased in slices', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    await runInDurableObject(stubOf(group), (_, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
         INSERT INTO messages (id, seq, sender_id, text, created_at)
         SELECT printf('msg_00%024d', i), -i, ?, 'old', 0 FROM n`,
        ana.id,
      )
    })
    await end(ana, group)
    await untilErased(group)
  })
})

describe('a group that its last member leaves', () => {
  test('is erased', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ben, group, 'bye')
    for (const as of [ana, ben]) {
      await settle(group)
      expect(await isErased(group)).toBe(false)
      await ok('leaveGroup', { params: { groupId: group.id } }, { as })
    }
    await untilErased(group)
  })

  test('by deleting their account is erased', async () => {
    const ana = await newUser()
    const { chat } = await createGroup(ana)
    await ok('deleteMe', {}, { as: ana })
    await delivered(ana)
    await untilErased(chat)
  })
})

test('an owner whose account is gone before they could leave is followed by another', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  const carla = await newUser()
  undo.push(
    interceptCalls(async ({ userId, method, make }) => {
      if (userId === group.id && method === 'leave') throw new Error('The call was lost')
      return make()
    }),
  )
  expect(await listed(ana)).toEqual([group.id])
  await ok('deleteMe', {}, { as: ana })
  await addMembers(ben, group, [carla])
  await settle(group)
  const { body } = await call<{ items: { user: { id: string }; role: string }[] }>(
    'listGroupMembers',
    { params: { groupId: group.id } },
    { as: ben },
  )
  expect(body.items.map(({ user, role }) => [user.id, role]).sort()).toEqual(
    [
      [ben.id, 'owner'],
      [carla.id, 'member'],
    ].sort(),
  )
})
