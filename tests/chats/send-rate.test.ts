import { evictDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Message } from '../../schemas/message'
import { call, ok, refused } from '../support/call'
import { delivered, markRead, pair, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { crash, inMailbox, stubOf } from '../support/delivery-faults'
import { configureMailbox } from '../support/rotation'
import { connectLive } from '../support/socket'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const rate = { SENDS_AT_ONCE: 5, SENDS_PER_MINUTE: 2 }
const narrow = (user: TestUser) => configureMailbox(user.id, rate)

/** A user who may send five messages at once, and a peer to send them to. */
async function narrowPair() {
  const users = await pair()
  await narrow(users[0])
  return users
}

const sendAll = async (from: TestUser, to: TestUser, count: number) => {
  const sent: Message[] = []
  for (let n = 1; n <= count; n++) sent.push(await send(from, to, `message ${n}`))
  return sent
}

const another = (to: TestUser, clientMessageId: string = crypto.randomUUID()) => ({
  params: { chatId: to.id },
  body: { clientMessageId, text: 'one more' },
})

const refusedSend = async (from: TestUser, to: TestUser) =>
  Number((await refused('sendMessage', 'sends_exhausted', another(to), { as: from })).headers.get('Retry-After'))

test('a user can send only so many messages at once, to anyone, then as they refill; a refusal says when', async () => {
  const [ana, ben] = await narrowPair()
  const eva = await newUser()
  await sendAll(ana, ben, 2)
  await send(ana, eva, 'hello')
  await sendAll(ana, ana, 2)
  for (const to of [ben, eva, ana]) {
    const wait = await refusedSend(ana, to)
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(30)
  }
  await send(ben, ana, 'others are not concerned')
  await later(31, async () => {
    await send(ana, ben, 'one has come back')
    expect(await refusedSend(ana, ben)).toBeGreaterThan(10)
  })
  await later(200, async () => {
    await sendAll(ana, ben, 5)
    await refusedSend(ana, ben)
  })
})

test('a refused message is neither stored nor counted, and succeeds when it is sent again', async () => {
  const [ana, ben] = await narrowPair()
  await sendAll(ana, ben, 5)
  const message = another(ben)
  for (let attempt = 0; attempt < 3; attempt++) await refused('sendMessage', 'sends_exhausted', message, { as: ana })
  await later(31, () => ok<Message>('sendMessage', message, { as: ana }))
  await delivered(ana, ben)
  expect(await inMailbox(ben.id, 'SELECT count(*) AS messages FROM messages')).toEqual([{ messages: 6 }])
})

test('a retry of a stored message returns it before the limit applies and is not counted', async () => {
  const [ana, ben] = await narrowPair()
  const message = another(ben)
  const first = await ok<Message>('sendMessage', message, { as: ana })
  for (let attempt = 0; attempt < 10; attempt++) await ok('sendMessage', message, { as: ana })
  await sendAll(ana, ben, 4)
  await refusedSend(ana, ben)
  expect(await ok<Message>('sendMessage', message, { as: ana })).toMatchObject({ id: first.id })
  const reused = { ...message, body: { ...message.body, text: 'another text' } }
  await refused('sendMessage', 'client_message_id_reused', reused, { as: ana })
})

test('the socket and HTTP share one limit, and the socket says when to retry as well', async () => {
  const [ana, ben] = await narrowPair()
  await sendAll(ana, ben, 3)
  const socket = await connectLive(ana)
  const frame = (clientMessageId: string) => ({
    type: 'sendMessage' as const,
    chatId: ben.id,
    clientMessageId,
    text: 'by socket',
  })
  for (const id of ['fourth', 'fifth']) expect(await socket.ask(frame(id))).toMatchObject({ type: 'ack' })
  const refusal = await socket.ask(frame('sixth'))
  expect(refusal).toMatchObject({ type: 'error', problem: { code: 'sends_exhausted', status: 429 } })
  expect(Reflect.get(refusal, 'retryAfterSeconds')).toBeGreaterThan(10)
  expect(await socket.ask(frame('fifth'))).toMatchObject({ type: 'ack' })
  await refusedSend(ana, ben)
  socket.close()
})

test('a refusal leaves the quota of new chats as it was', async () => {
  const [ana, ben] = await narrowPair()
  await sendAll(ana, ana, 5)
  await refusedSend(ana, ben)
  expect(await inMailbox(ana.id, `SELECT * FROM budgets WHERE name = 'newChats'`)).toEqual([])
})

const wakings: [string, (user: TestUser) => Promise<unknown>][] = [
  ['an eviction', (user) => evictDurableObject(stubOf(user.id))],
  ['a crash', crash],
]

test.each(wakings)('%s refunds nothing, and neither does deleting or clearing what was sent', async (_, wake) => {
  const [ana, ben] = await narrowPair()
  const eva = await newUser()
  const sent = await sendAll(ana, ben, 2)
  await sendAll(ana, eva, 3)
  await delivered(ana, ben, eva)
  for (const message of sent.slice(0, 1)) await remove(ana, ben, message, 'everyone')
  for (const message of sent.slice(1)) await remove(ana, ben, message)
  await ok('clearChat', { params: { chatId: eva.id } }, { as: ana })
  await wake(ana)
  await narrow(ana)
  const wait = await refusedSend(ana, ben)
  expect(wait).toBeGreaterThan(0)
  expect(wait).toBeLessThanOrEqual(30)
  await later(61, async () => {
    await wake(ana)
    await narrow(ana)
    await sendAll(ana, ben, 2)
    await refusedSend(ana, ben)
  })
})

test('messages from others do not count', async () => {
  const [ana, ben] = await narrowPair()
  await send(ana, ben, 'hello')
  for (const message of await sendAll(ben, ana, 10)) {
    await delivered(ben)
    await markRead(ana, ben, message)
  }
  await evictDurableObject(stubOf(ana.id))
  await narrow(ana)
  await sendAll(ana, ben, 4)
  await refusedSend(ana, ben)
})

test('the default is 600 messages at once and 60 a minute', async () => {
  const [ana, ben] = await pair()
  await configureMailbox(ana.id, { SENDS_AT_ONCE: undefined, SENDS_PER_MINUTE: undefined })
  const began = Date.now()
  const chatOf = { params: { chatId: ana.id } }
  let passed = 0
  for (; ; passed++) {
    const body = { clientMessageId: `${passed}`, text: 'hello' }
    const { status } = await call('sendMessage', { ...chatOf, body }, { as: ana })
    if (status === 429) break
  }
  const returned = Math.ceil((Date.now() - began) / 1_000)
  expect(passed).toBeGreaterThanOrEqual(600)
  expect(passed).toBeLessThanOrEqual(600 + returned)
  expect(await refusedSend(ana, ben)).toBe(1)
})

test('a refusal writes no rows', async () => {
  const [ana, ben] = await narrowPair()
  await sendAll(ana, ben, 5)
  await delivered(ana, ben)
  const { written } = await countRows(ana.id, () => refusedSend(ana, ben))
  expect(written).toBe(0)
})
