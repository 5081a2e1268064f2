import { evictDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import { alarmIn } from '../support/alarms'
import { ok } from '../support/call'
import { chat, delivered, friends, get, list, markRead, remove, send } from '../support/chat-calls'
import { injectFaults, inMailbox, interceptCalls, ringUntilDelivered, stubOf } from '../support/delivery-faults'
import { connectLive } from '../support/socket'
import { countRows } from '../support/storage-costs'
import type { TestUser } from '../support/users'

const block = (user: TestUser, { id: userId }: TestUser) => ok('blockUser', { params: { userId } }, { as: user })
const changes = (user: TestUser, query: Record<string, string> = {}) =>
  ok<Changes>('listChanges', { query }, { as: user })

const cleanUp: (() => void)[] = []
afterEach(() => {
  for (const one of cleanUp.splice(0)) one()
})

const stored = async ({ id }: TestUser, peer: TestUser) => {
  const [row] = await inMailbox<{ pending_id: string; delivered_id: string; fed_state: number; state: number }>(
    id,
    `SELECT pending_id, delivered_id, fed_state_revision AS fed_state, state_revision AS state FROM chats
     WHERE peer_id = '${peer.id}'`,
  )
  if (!row) throw new Error('There is no such chat')
  return row
}

/** Two users whose mailboxes have nothing left to tell each other. */
async function acquainted() {
  const [alice, bob] = await friends()
  await send(alice, bob, 'hello')
  await send(bob, alice, 'hello')
  await delivered(alice, bob)
  return [alice, bob] as const
}

/** Notes the deliveries between mailboxes. */
function watchDeliveries() {
  const seen: { to: string; isDone: boolean }[] = []
  const stop = interceptCalls(async ({ userId, method, make }) => {
    if (method !== 'receive') return make()
    const one = { to: userId, isDone: false }
    seen.push(one)
    const result = await make()
    one.isDone = true
    return result
  })
  cleanUp.push(stop)
  const countTo = ({ id }: TestUser) => seen.filter(({ to, isDone }) => to === id && isDone).length
  return { countTo, arrived: (user: TestUser, count: number) => expect.poll(() => countTo(user)).toBe(count) }
}

describe('the confirmation of a delivery', () => {
  test('is told to sockets at once, and becomes a numbered change when the alarm rings', async () => {
    const [alice, bob] = await acquainted()
    const socket = await connectLive(alice)
    const message = await send(alice, bob, 'hello')
    expect(await socket.next('delivered')).toEqual({ type: 'delivered', chatId: bob.id, messageId: message.id })
    expect(await stored(alice, bob)).toMatchObject({ pending_id: message.id })
    expect(await alarmIn(alice.id)).toBeLessThanOrEqual(5_000)
    expect((await get(alice, bob, message)).status).toBe('sent')
    expect((await chat(alice, bob)).deliveredUpToMessageId).not.toBe(message.id)
    const { cursor } = await changes(alice)

    await delivered(alice)
    expect(await stored(alice, bob)).toMatchObject({ pending_id: '', delivered_id: message.id })
    expect((await get(alice, bob, message)).status).toBe('delivered')
    const { chats } = await changes(alice, { cursor })
    expect(chats).toMatchObject([{ id: bob.id, deliveredUpToMessageId: message.id }])
    socket.close()
  })

  test('is written with the next change of the chat, as part of it', async () => {
    const [alice, bob] = await acquainted()
    const deliveries = watchDeliveries()
    const message = await send(alice, bob, 'hello')
    await deliveries.arrived(bob, 1)
    const { cursor } = await changes(alice)
    const rows = await countRows(alice.id, async () => {
      await ok<Chat>('updateChat', { params: { chatId: bob.id }, body: { pinned: true } }, { as: alice })
    })
    expect(rows.written).toBe(1)
    const { chats } = await changes(alice, { cursor })
    expect(chats).toMatchObject([{ pinned: true, deliveredUpToMessageId: message.id }])
    expect(await stored(alice, bob)).toMatchObject({ pending_id: '', delivered_id: message.id })
  })

  test('is not written by a change of another chat, and not shown by it', async () => {
    const [alice, bob] = await acquainted()
    const deliveries = watchDeliveries()
    const message = await send(alice, bob, 'hello')
    await deliveries.arrived(bob, 1)
    await send(alice, alice, 'a note')
    expect(await stored(alice, bob)).toMatchObject({ pending_id: message.id })
    expect((await get(alice, bob, message)).status).toBe('sent')
    await delivered(alice)
    expect((await get(alice, bob, message)).status).toBe('delivered')
  })

  test('that was lost with the memory repeats the delivery, and nothing is there twice', async () => {
    const [alice, bob] = await acquainted()
    const deliveries = watchDeliveries()
    const message = await send(alice, bob, 'hello')
    await deliveries.arrived(bob, 1)
    const { cursor } = await changes(bob)
    await evictDurableObject(stubOf(alice.id))
    expect(await stored(alice, bob)).toMatchObject({ pending_id: message.id })
    await delivered(alice)
    await deliveries.arrived(bob, 2)
    expect(await stored(alice, bob)).toMatchObject({ pending_id: '', delivered_id: message.id })
    expect((await list(bob, alice)).items.filter(({ id }) => id === message.id)).toHaveLength(1)
    expect(await changes(bob, { cursor })).toMatchObject({ messages: [], chats: [] })
  })

  test('does not send a batch again while it is in memory', async () => {
    const [alice, bob] = await acquainted()
    const deliveries = watchDeliveries()
    await send(alice, bob, 'one')
    await deliveries.arrived(bob, 1)
    await delivered(alice)
    await send(alice, bob, 'two')
    await deliveries.arrived(bob, 2)
    await delivered(alice)
    expect(deliveries.countTo(bob)).toBe(2)
  })

  test('of a message that was hidden meanwhile is recorded at once, and its content goes', async () => {
    const [alice, bob] = await acquainted()
    const [faults, stop] = injectFaults(() => 'hangs')
    cleanUp.push(stop)
    const message = await send(alice, bob, 'walrus')
    await expect.poll(() => faults.counts.hangs).toBe(1)
    await remove(alice, bob, message, 'me')
    faults.next = () => 'none'
    faults.releaseHung()
    const texts = () => inMailbox(alice.id, `SELECT text FROM messages WHERE id = '${message.id}'`)
    await expect.poll(texts).toEqual([{ text: '' }])
    expect((await list(bob, alice)).items[0]).toMatchObject({ id: message.id, text: 'walrus' })
  })

  test('of a read mark is kept in memory, too', async () => {
    const [alice, bob] = await acquainted()
    const message = await send(alice, bob, 'hello')
    await delivered(alice, bob)
    const deliveries = watchDeliveries()
    await markRead(bob, alice, message)
    await deliveries.arrived(alice, 1)
    await expect.poll(async () => (await get(alice, bob, message)).status).toBe('read')
    const kept = await stored(bob, alice)
    expect(kept.fed_state).toBe(kept.state - 1)
    await delivered(bob)
    expect(await stored(bob, alice)).toMatchObject({ fed_state: kept.state })
    expect(deliveries.countTo(alice)).toBe(1)
  })

  test('of a refusal is recorded at once', async () => {
    const [alice, bob] = await acquainted()
    await block(bob, alice)
    const message = await send(alice, bob, 'hello')
    await expect.poll(async () => (await stored(alice, bob)).pending_id).toBe('')
    expect((await stored(alice, bob)).delivered_id < message.id).toBe(true)
  })
})

test('what was deleted while it waited is not delivered as it was sent', async () => {
  const [alice, bob] = await acquainted()
  const delivered: unknown[] = []
  let isLost = true
  cleanUp.push(
    interceptCalls(({ method, input, make }) => {
      if (method === 'receive' && isLost) return Promise.reject(new Error('The call was lost'))
      if (method === 'receive') delivered.push(input)
      return make()
    }),
  )
  const message = await send(alice, bob, 'the secret')
  await remove(alice, bob, message, 'everyone')
  isLost = false
  await ringUntilDelivered([alice.id])
  expect(JSON.stringify(delivered)).toContain(message.id)
  expect(JSON.stringify(delivered)).not.toContain('the secret')
})
