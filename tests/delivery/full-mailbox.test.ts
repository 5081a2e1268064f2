import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { Mailbox } from '../../objects/mailbox'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { ok, refused } from '../support/call'
import { chat, delivered, edit, get, list, markRead, pair, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls, stubOf } from '../support/delivery-faults'
import { configureMailbox } from '../support/rotation'
import { connectLive } from '../support/socket'
import type { TestUser } from '../support/users'

const undo: (() => void)[] = []
afterEach(() => {
  for (const remove of undo.splice(0)) remove()
})

const setRoom = (user: TestUser, bytes: number) => configureMailbox(user.id, { MAILBOX_BYTES: bytes })
const fill = (user: TestUser) => setRoom(user, 1)
const makeRoom = (user: TestUser) => setRoom(user, 8_000_000_000)

const sizeOf = (user: TestUser) => runInDurableObject(stubOf(user.id), (_, { storage }) => storage.sql.databaseSize)

const texts = async (user: TestUser, peer: TestUser) => (await list(user, peer)).items.map(({ text }) => text).reverse()

/** What the owner's mailbox still has to deliver in its only chat. */
const dueIn = (owner: TestUser) =>
  runInDurableObject(stubOf(owner.id), async (_, { storage }) => ({
    ...storage.sql
      .exec<{ pending: number; attempts: number; retryAt: number }>(
        'SELECT pending_count AS pending, attempts, retry_at AS retryAt FROM chats',
      )
      .one(),
    alarmAt: await storage.getAlarm(),
  }))

const halfHourMs = 30 * 60_000
const isPutOff = async (owner: TestUser) => (await dueIn(owner)).retryAt > Date.now() + halfHourMs

const untilPutOff = (owner: TestUser) => expect.poll(() => isPutOff(owner)).toBe(true)

function countDeliveries(to: TestUser) {
  const deliveries = { count: 0 }
  undo.push(
    interceptCalls(({ userId, method, make }) => {
      if (method === 'receive' && userId === to.id) deliveries.count++
      return make()
    }),
  )
  return deliveries
}

/** A chat in which both have written, with nothing under way. */
async function conversation(): Promise<[TestUser, TestUser, Message]> {
  const [alice, bob] = await pair()
  const opening = await send(alice, bob, 'opening')
  await send(bob, alice, 'hello')
  await delivered(alice, bob)
  return [alice, bob, opening]
}

describe('what is sent to a full mailbox', () => {
  test('waits, as sent, for an hour at a time, and arrives in order once there is room', async () => {
    const [alice, bob] = await conversation()
    await fill(bob)
    const deliveries = countDeliveries(bob)
    const sent = [await send(alice, bob, 'one'), await send(alice, bob, 'two'), await send(alice, bob, 'three')]
    await untilPutOff(alice)
    for (const message of sent)
      expect(await get(alice, bob, message)).toMatchObject({ status: 'sent', undelivered: false })
    expect(await texts(bob, alice)).toEqual(['opening', 'hello'])

    // Sending has set an alarm for a delivery that hangs; from then on it rings for the next attempt only.
    await runDurableObjectAlarm(stubOf(alice.id))
    const { count } = deliveries
    const waiting = await dueIn(alice)
    expect(waiting).toMatchObject({ pending: 3, attempts: 0, alarmAt: waiting.retryAt })
    expect(waiting.retryAt - Date.now()).toBeGreaterThan(0.7 * limits.deliveryRoomMs)
    expect(waiting.retryAt - Date.now()).toBeLessThanOrEqual(limits.deliveryRoomMs)
    await later(halfHourMs / 1000, async () => runDurableObjectAlarm(stubOf(alice.id)))
    expect(deliveries.count).toBe(count)

    await later(limits.deliveryRoomMs / 1000, async () => {
      await runDurableObjectAlarm(stubOf(alice.id))
      await untilPutOff(alice)
    })
    expect(deliveries.count).toBe(count + 1)
    expect((await dueIn(alice)).attempts).toBe(0)

    await makeRoom(bob)
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['opening', 'hello', 'one', 'two', 'three'])
    for (const message of sent) expect((await get(alice, bob, message)).status).toBe('delivered')
    expect(await dueIn(alice)).toMatchObject({ pending: 0, retryAt: 0 })
  })

  test('as a first message begins no chat until there is room', async () => {
    const [alice, bob] = await pair()
    await fill(bob)
    const message = await send(alice, bob, 'hello')
    await untilPutOff(alice)
    await refused('getChat', 'chat_not_found', { params: { chatId: alice.id } }, { as: bob })
    await makeRoom(bob)
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['hello'])
    expect((await get(alice, bob, message)).status).toBe('delivered')
  })

  test('waits when it is an edit or a reaction; a deletion and a read mark do not', async () => {
    const [alice, bob, opening] = await conversation()
    const second = await send(alice, bob, 'second')
    await delivered(alice, bob)
    await fill(bob)
    await remove(alice, bob, second, 'everyone')
    await markRead(alice, bob, (await list(alice, bob)).items[0] as Message)
    await delivered(alice, bob)
    expect(await get(bob, alice, second)).toMatchObject({ text: '', deletedAt: expect.any(String) })
    expect((await chat(bob, alice)).readUpToMessageId).not.toBeNull()

    await edit(alice, opening, 'edited')
    await react(alice, bob, opening, '👍')
    await untilPutOff(alice)
    expect(await get(bob, alice, opening)).toMatchObject({ text: 'opening', reactions: [] })
    await makeRoom(bob)
    await delivered(alice, bob)
    expect(await get(bob, alice, opening)).toMatchObject({ text: 'edited', reactions: [{ emoji: '👍' }] })
  })

  test('brings its read mark along while it waits', async () => {
    const [alice, bob] = await conversation()
    const [hello] = (await list(alice, bob)).items
    await fill(bob)
    await send(alice, bob, 'one')
    await untilPutOff(alice)
    await markRead(alice, bob, hello as Message)
    await expect.poll(async () => (await chat(bob, alice)).readUpToMessageId).toBe(hello?.id)
    expect(await texts(bob, alice)).not.toContain('one')
  })

  test('under a block is refused as ever, and never arrives', async () => {
    const [alice, bob] = await conversation()
    await fill(bob)
    await ok('blockUser', { params: { userId: alice.id } }, { as: bob })
    await send(alice, bob, 'blocked')
    await delivered(alice, bob)
    await ok('unblockUser', { params: { userId: alice.id } }, { as: bob })
    await makeRoom(bob)
    await send(alice, bob, 'free')
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['opening', 'hello', 'free'])
  })

  test('after a block, as a first message, is not refused with what was sent under it', async () => {
    const [alice, bob] = await pair()
    await ok('blockUser', { params: { userId: alice.id } }, { as: bob })
    await send(alice, bob, 'blocked')
    await delivered(alice, bob)
    await ok('unblockUser', { params: { userId: alice.id } }, { as: bob })
    await fill(bob)
    await send(alice, bob, 'free')
    await untilPutOff(alice)
    await makeRoom(bob)
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['free'])
  })

  test('is told apart from what arrived before: a repeated delivery succeeds', async () => {
    const [alice, bob] = await conversation()
    await send(alice, bob, 'held')
    undo.push(
      interceptCalls(async ({ method, make }) => {
        const result = await make()
        if (method === 'receive') throw new Error('The reply was lost')
        return result
      }),
    )
    const message = await send(alice, bob, 'reply lost')
    await expect.poll(() => texts(bob, alice)).toContain('reply lost')
    await fill(bob)
    for (const remove of undo.splice(0)) remove()
    await delivered(alice, bob)
    expect((await get(alice, bob, message)).status).toBe('delivered')
  })

  test('fails for a sender of an older version, which does not know that result, and is not lost', async () => {
    const [alice, bob, opening] = await conversation()
    await fill(bob)
    undo.push(
      interceptCalls(async ({ method, make }) => {
        const result = await make()
        if (method !== 'receive' || !(result as { full?: true }).full) return result
        const { full: _, ...known } = result as { full: true }
        return known
      }),
    )
    const failedAgain = (times: number) =>
      expect.poll(async () => (await dueIn(alice)).attempts).toBeGreaterThanOrEqual(times)
    await edit(alice, opening, 'edited')
    await failedAgain(1)
    const message = await send(alice, bob, 'one')
    await failedAgain(2)
    expect(await get(alice, bob, message)).toMatchObject({ status: 'sent' })
    await makeRoom(bob)
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['edited', 'hello', 'one'])
  })
})

describe('the owner of a full mailbox', () => {
  test('cannot send, not even to themselves, nor make a text longer; what was stored is still returned', async () => {
    const [alice, bob] = await conversation()
    const stored = { params: { chatId: alice.id }, body: { clientMessageId: 'stored', text: 'stored' } }
    const first = await ok<Message>('sendMessage', stored, { as: bob })
    await fill(bob)
    for (const chatId of [alice.id, bob.id])
      await refused(
        'sendMessage',
        'mailbox_full',
        { params: { chatId }, body: { clientMessageId: 'more', text: 'more' } },
        { as: bob },
      )
    const socket = await connectLive(bob)
    const frame = { type: 'sendMessage' as const, chatId: alice.id, clientMessageId: 'frame', text: 'more' }
    expect(await socket.ask(frame)).toMatchObject({ type: 'error', problem: { code: 'mailbox_full', status: 422 } })
    expect(await ok<Message>('sendMessage', stored, { as: bob })).toMatchObject({ id: first.id })
    const params = { chatId: alice.id, messageId: first.id }
    await refused('editMessage', 'mailbox_full', { params, body: { text: 'stored, and more' } }, { as: bob })
    await refused('editMessage', 'mailbox_full', { params, body: { metadata: { more: 1 } } }, { as: bob })
    expect(await edit(bob, first, 'short')).toMatchObject({ text: 'short' })
  })

  test('can read, mark as read, delete, clear, block, sign devices out and leave', async () => {
    const [alice, bob, opening] = await conversation()
    await fill(bob)
    const hello = (await list(bob, alice)).items.find(({ text }) => text === 'hello') as Message
    await markRead(bob, alice, opening)
    await remove(bob, alice, hello, 'everyone')
    await remove(bob, alice, opening)
    await ok('clearChat', { params: { chatId: alice.id } }, { as: bob })
    await ok('blockUser', { params: { userId: alice.id } }, { as: bob })
    await ok('unblockUser', { params: { userId: alice.id } }, { as: bob })
    await ok('endOtherSessions', {}, { as: bob })
    await delivered(alice, bob)
    expect(await get(alice, bob, opening)).toMatchObject({ status: 'read' })
    expect(await get(alice, bob, hello)).toMatchObject({ text: '' })
    await ok('deleteMe', {}, { as: bob })
    const isGone = () =>
      runInDurableObject(stubOf(bob.id), async (mailbox: Mailbox, { storage }) => {
        await mailbox.alarm()
        return storage.sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'tombstone'`).toArray().length
      })
    await expect.poll(isGone).toBe(1)
  })

  test('makes room by deleting messages', async () => {
    const [alice, bob] = await conversation()
    await setRoom(bob, (await sizeOf(bob)) + 300_000)
    const heavy = 'あ'.repeat(limits.textCharactersMax)
    const sent: Message[] = []
    while (!(await isPutOff(alice))) {
      const message = await send(alice, bob, heavy)
      sent.push(message)
      const isSettled = async () => {
        await runDurableObjectAlarm(stubOf(alice.id))
        return (await isPutOff(alice)) || (await get(alice, bob, message)).status === 'delivered'
      }
      await expect.poll(isSettled).toBe(true)
      expect(sent.length).toBeLessThan(20)
    }
    const held = (await list(bob, alice)).items.filter(({ text }) => text === heavy)
    expect(held.length).toBe(sent.length - 1)
    expect(held.length).toBeGreaterThan(2)
    for (const message of held) await remove(bob, alice, message)
    await delivered(alice, bob)
    expect((await list(bob, alice)).items.map(({ id }) => id)).toContain(sent.at(-1)?.id)
  })
})
