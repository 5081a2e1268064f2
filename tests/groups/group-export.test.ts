import { runInDurableObject } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { AccountExport } from '../../schemas/account-export'
import { ok, requestOf } from '../support/call'
import { befriend, chat, delivered, get, list, remove, send } from '../support/chat-calls'
import { interceptCalls } from '../support/delivery-faults'
import { addMembers, createGroup, groupOf, type TestGroup, textsOf } from '../support/group-calls'
import { newUser, type TestUser } from '../support/users'

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0)) stop()
})

const exportOf = (as: TestUser) => ok<AccountExport>('exportMe', {}, { as })

const stubOf = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

test('an export contains the groups of the user, and what they see there, as the other operations return it', async () => {
  const { group, users } = await groupOf(2, { settings: { historyVisible: 'joining' } })
  const [ana, ben] = users as [TestUser, TestUser]
  const carla = await newUser()
  await send(ana, group, 'before carla')
  await addMembers(ana, group, [carla])
  const hidden = await send(ana, group, 'hidden')
  const mine = await send(carla, group, 'by carla')
  await send(ben, group, 'by ben', { replyToId: mine.id })
  await remove(carla, group, hidden, 'me')
  await ok('updateChat', { params: { chatId: group.id }, body: { pinned: true } }, { as: carla })
  const second = await createGroup(carla)
  const left = await createGroup(carla)
  await send(carla, { id: left.chat.id }, 'left behind')
  await ok('leaveGroup', { params: { groupId: left.chat.id } }, { as: carla })
  await befriend(carla, ben)
  const direct = await send(carla, ben, 'just us')
  await delivered(carla, ben)

  const body = await exportOf(carla)
  const chats = [await chat(carla, group), await chat(carla, { id: second.chat.id }), await chat(carla, ben)]
  expect(chats[0]).toMatchObject({ pinned: true, group: { role: 'member' } })
  expect(body.chats).toEqual(chats)
  const inGroup = async (id: string) => (await list(carla, { id })).items.toReversed()
  const seen = await inGroup(group.id)
  expect(textsOf(seen)).toEqual(['by carla', 'by ben'])
  const messages = [...seen, ...(await inGroup(second.chat.id)), await get(carla, ben, direct)]
  expect(body.messages).toEqual(messages)
  expect(JSON.stringify(body)).not.toMatch(/before carla|hidden"|left behind/)
})

test('all messages of a group are exported, in order, in bounded pages', async () => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  const count = 2_500
  await runInDurableObject(stubOf(group), (_, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO messages (id, seq, sender_id, text, created_at)
       SELECT printf('msg_00%024d', i), 1, ?, iif(i > 50 AND i <= 200, substr(hex(zeroblob(8000)), 1, 12000), 'old ' || i), 0 FROM n`,
      count,
      ana.id,
    )
  })
  await createGroup(ana)
  let largest = 0
  undo.push(
    interceptCalls(async ({ method, make }) => {
      const answer = await make()
      if (method === 'exportPage') largest = Math.max(largest, JSON.stringify(answer).length)
      return answer
    }),
  )
  const { messages } = await exportOf(ana)
  expect(messages.filter(({ event }) => event === null).map(({ id }) => id)).toEqual(
    Array.from({ length: count }, (_, i) => `msg_00${String(i + 1).padStart(24, '0')}`),
  )
  expect(textsOf(messages).slice(0, 2)).toEqual(['old 1', 'old 2'])
  expect(largest).toBeLessThan(1.7 * 1024 * 1024)
})

test.each(['getHead', 'exportMessages'])('an export breaks off if a group does not answer %s', async (method) => {
  const { group, users } = await groupOf(1)
  const [ana] = users as [TestUser]
  await send(ana, group, 'a note')
  undo.push(interceptCalls((one) => (one.method === method ? Promise.reject(new Error('down')) : one.make())))
  const response = await exports.default.fetch(requestOf('exportMe', {}, { as: ana }))
  await expect(response.json()).rejects.toThrow()
})

test('a group that the user was removed from, and does not know of, is left out', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  await send(ana, group, 'among us')
  undo.push(interceptCalls((one) => (one.method === 'nudge' ? Promise.reject(new Error('lost')) : one.make())))
  await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
  expect(await exportOf(ben)).toMatchObject({ chats: [], messages: [] })
})
