import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { Nudge } from '../../objects/group/shapes'
import type { Changes } from '../../schemas/changes'
import type { Chat, Chats } from '../../schemas/chat'
import type { File } from '../../schemas/file'
import { call, send as fetchUrl, ok, refused } from '../support/call'
import { list, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls, type MailboxCall, stubOf } from '../support/delivery-faults'
import { addMembers, changesOf, groupOf, settle, type TestGroup, textsOf } from '../support/group-calls'
import { holdAnswers, holdCalls, loseCalls } from '../support/held-calls'
import { connectLive } from '../support/socket'
import type { TestUser } from '../support/users'
import { type Device, RestDevice, SocketDevice } from './model/devices'
import { Ledger } from './model/ledger'
import { groupStub } from './model/state'

/** What somebody is left with who is removed, and what they find who comes back. */

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0).reverse()) stop()
})

const remove = (by: TestUser, { id: groupId }: TestGroup, { id: userId }: TestUser) =>
  ok('removeGroupMember', { params: { groupId, userId } }, { as: by })

const isNudgeOf =
  ({ id }: TestUser) =>
  ({ userId, method }: MailboxCall) =>
    userId === id && method === 'nudge'

const listed = async (as: TestUser) => (await ok<Chats>('listChats', {}, { as })).items.map(({ id }) => id)

describe('somebody who is removed', () => {
  test('gets nothing more by what they hold: a socket, a cursor, a link, or a message that is on its way', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    const raw = new TextEncoder().encode('the map')
    const { id: fileId } = await ok<File>('uploadFile', { query: { name: 'map.txt' }, raw }, { as: ana })
    const message = await send(ana, group, 'before', { attachmentFileIds: [fileId] })
    const held = await changesOf(ben, group)
    const url = (await list(ben, group)).items[0]?.attachments[0]?.url ?? ''
    const download = () => fetchUrl(new Request(url))
    expect((await download()).status).toBe(200)
    const socket = await connectLive(ben)
    await settle(group)
    const sending = holdCalls(({ userId, method }) => userId === group.id && method === 'sendMessage')
    undo.push(sending.stop)
    const params = { chatId: group.id }
    const body = { clientMessageId: 'half', text: 'on its way' }
    const halfSent = call('sendMessage', { params, body }, { as: ben })
    await sending.untilHeld()
    // The mailbox itself is not told yet: the group alone decides.
    const nudges = holdCalls(isNudgeOf(ben))
    undo.push(nudges.stop)
    await remove(ana, group, ben)

    expect((await download()).status).toBe(404)
    await refused('getFile', 'file_not_found', { params: { fileId }, query: { chatId: group.id } }, { as: ben })
    await sending.release()
    expect(await halfSent).toMatchObject({ status: 404, body: { code: 'chat_not_found' } })
    await send(ana, group, 'after')
    const inGroup = { params: { groupId: group.id } }
    await refused('listGroupChanges', 'chat_not_found', { ...inGroup, query: { cursor: held.cursor } }, { as: ben })
    for (const operation of ['getGroup', 'listGroupMembers', 'listGroupChanges', 'leaveGroup'])
      await refused(operation, 'chat_not_found', inGroup, { as: ben })
    const messageParams = { ...params, messageId: message.id }
    for (const operation of ['getMessage', 'deleteMessage'])
      await refused(operation, 'chat_not_found', { params: messageParams }, { as: ben })
    await refused('addReaction', 'chat_not_found', { params: { ...messageParams, emoji: '👍' } }, { as: ben })
    for (const operation of ['getChat', 'listMessages', 'clearChat'])
      await refused(operation, 'chat_not_found', { params }, { as: ben })
    for (const request of [
      { type: 'getGroupChanges', chatId: group.id, cursor: held.cursor },
      { type: 'sendMessage', chatId: group.id, clientMessageId: 'c', text: 'still there' },
      { type: 'markRead', chatId: group.id, upToMessageId: message.id },
      { type: 'typing', chatId: group.id },
    ] as const)
      expect(await socket.ask(request)).toMatchObject({ type: 'error', problem: { code: 'chat_not_found' } })
    await nudges.release()
    await settle(group)
    await socket.untilNow()
    expect(JSON.stringify(socket.taken)).not.toContain('after')
    expect(socket.taken.some((frame) => frame.type === 'changes' && frame.changes.left.includes(group.id))).toBe(true)
    expect(await listed(ben)).toEqual([])
    expect(textsOf((await list(ana, group)).items)).toEqual(['after', 'before'])
  })

  test('is not taken for a member by an answer that was on its way', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    await settle(group)
    const checks = holdAnswers(({ userId, method }) => userId === group.id && method === 'check')
    undo.push(checks.stop)
    const asked = listed(ben)
    await checks.untilHeld()
    await remove(ana, group, ben)
    await settle(group)
    await checks.release()
    await asked
    expect(await listed(ben)).toEqual([])
  })

  test('and added again is not taken for a former one by an answer that was on its way', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    await settle(group)
    await listed(ben)
    await remove(ana, group, ben)
    const answers = holdAnswers(({ userId, method }) => userId === group.id && method === 'getHead')
    undo.push(answers.stop)
    const asked = call('getChat', { params: { chatId: group.id } }, { as: ben })
    await answers.untilHeld()
    await addMembers(ana, group, [ben])
    await settle(group)
    await answers.release()
    expect((await asked).status).toBe(404)
    expect(await listed(ben)).toEqual([group.id])
  })
})

describe('somebody who comes back', () => {
  test('misses no change, though nobody has looked at the group before the mailbox was put to sleep', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'before')
    await settle(group)
    await listed(ben)
    await remove(ana, group, ben)
    await settle(group)
    const changesAfter = (cursor?: string) => ok<Changes>('listChanges', { query: { cursor } }, { as: ben })
    const left = await changesAfter()
    await addMembers(ana, group, [ben])
    await settle(group)
    await evictDurableObject(stubOf(ben.id))
    const checks = loseCalls(({ userId, method }) => userId === group.id && method === 'check')
    undo.push(checks.stop)
    const next = await changesAfter(left.cursor)
    expect(next).toMatchObject({ reset: false, chats: [], complete: false })
    checks.end()
    expect((await changesAfter(next.cursor)).chats).toMatchObject([{ id: group.id }])
  })
})

/** Every order of so many things. */
const ordersOf = (count: number): number[][] =>
  count === 0
    ? [[]]
    : ordersOf(count - 1).flatMap((order) =>
        Array.from({ length: count }, (_, at) => order.toSpliced(at, 0, count - 1)),
      )

/** Holds back all nudges of a user: the group takes them for lost. They arrive in any order. */
function keepNudges(user: TestUser) {
  const kept: { nudge: Nudge; make: () => Promise<unknown> }[] = []
  const state = { isKeeping: true }
  undo.push(
    interceptCalls(async (made) => {
      if (!state.isKeeping || !isNudgeOf(user)(made)) return made.make()
      kept.push({ nudge: made.input[0] as Nudge, make: made.make })
      throw new Error('The call is late')
    }),
  )
  return { kept, end: () => (state.isKeeping = false) }
}

async function sameAsTheGroup(device: Device, group: TestGroup, as: TestUser) {
  const copy = device.copies.copies.get(group.id)
  const shown = copy?.shown()
  expect(shown?.messages.map(({ text }) => text)).toEqual(
    (await list(as, group)).items.toReversed().map(({ text }) => text),
  )
  const chat = await ok<Chat>('getChat', { params: { chatId: group.id } }, { as })
  expect(shown?.chat).toMatchObject({ unreadCount: chat.unreadCount, lastMessage: chat.lastMessage })
}

describe('somebody who is removed and is back within a second', () => {
  test.each(ordersOf(3).map((order) => [order.join(', ')]))(
    'has the right state on every device, with late calls in the order %s',
    async (spelled) => {
      const { group, users } = await groupOf(3, { settings: { historyVisible: 'joining' } })
      const [ana, ben] = users as [TestUser, TestUser]
      const scene = { ledger: new Ledger([ben.id], ''), given: [], violations: [] }
      const [polling, connected, late] = [
        new RestDevice(ben, scene),
        new SocketDevice(ben, scene),
        new SocketDevice(ben, scene),
      ]
      await send(ana, group, 'before')
      await settle(group)
      for (const device of [polling, connected, late]) await device.catchUp()
      late.disconnect()
      const { kept, end } = keepNudges(ben)
      await remove(ana, group, ben)
      await expect.poll(() => kept.length).toBe(1)
      await addMembers(ana, group, [ben])
      // What is owed is left to the alarm.
      for (let minutes = 10; kept.length < 2; minutes += 10)
        await later(minutes * 60, () => runDurableObjectAlarm(groupStub(group)))
      await send(ana, group, 'after')
      for (let minutes = 200; kept.length < 3; minutes += 10)
        await later(minutes * 60, () => runDurableObjectAlarm(groupStub(group)))
      end()
      for (const at of spelled.split(', ').map(Number)) await kept[at]?.make()
      for (const minutes of [400, 410, 420]) await later(minutes * 60, () => runDurableObjectAlarm(groupStub(group)))
      await settle(group)
      expect(kept.map(({ nudge }) => nudge.kind)).toEqual(['out', 'in', 'in'])
      for (const device of [connected, polling, late]) {
        await device.catchUp()
        await sameAsTheGroup(device, group, ben)
        expect(
          device.copies.copies
            .get(group.id)
            ?.shown()
            .messages.map(({ text }) => text),
        ).not.toContain('before')
        if (device instanceof SocketDevice) device.disconnect()
      }
    },
  )
})
