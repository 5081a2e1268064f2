import { evictDurableObject } from 'cloudflare:test'
import { expect, test, vi } from 'vitest'
import type { Message } from '../../schemas/message'
import { cancelAlarm } from '../support/alarms'
import { ok, refused } from '../support/call'
import { delivered, edit, get, markRead, pair, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { crash, inMailbox, stubOf } from '../support/delivery-faults'
import { configureMailbox } from '../support/rotation'
import { connectLive } from '../support/socket'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const rate = { SENDS_AT_ONCE: 5, SENDS_PER_MINUTE: 2 }
const narrow = (user: TestUser, more: Record<string, number> = {}) => configureMailbox(user.id, { ...rate, ...more })

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

test.each(wakings)('%s refunds nothing, and neither does clearing what was sent', async (_, wake) => {
  const [ana, ben] = await narrowPair()
  const eva = await newUser()
  await sendAll(ana, ben, 2)
  await sendAll(ana, eva, 3)
  await delivered(ana, ben, eva)
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

/** The ways to change a message that is there, each of which changes something whenever it is repeated with another `n`. */
const changes: Record<string, (user: TestUser, message: Message, n: number) => Promise<unknown>> = {
  'an edit': (user, message, n) => edit(user, message, `edit ${n}`),
  'a reaction': (user, { chatId, ...message }, n) =>
    react(user, { id: chatId }, { chatId, ...message }, emojis[n] ?? ''),
  'taking back a reaction': (user, { chatId, id }) =>
    ok('removeReaction', { params: { chatId, messageId: id, emoji: '👍' } }, { as: user }),
  'a deletion for everyone': (user, message) => removed(user, message, 'everyone'),
  'a deletion for me': (user, message) => removed(user, message, 'me'),
}
const emojis = ['😀', '🎉', '🚀', '🌊', '🍀', '🔥', '🎈']

async function removed(user: TestUser, message: Message, scope: 'me' | 'everyone') {
  expect((await remove(user, { id: message.chatId }, message, scope)).status).toBe(204)
}

const refusedChanges = {
  editMessage: { body: { text: 'one edit more' } },
  addReaction: { emoji: '🙈' },
  removeReaction: { emoji: '👍' },
  deleteMessage: { query: { scope: 'everyone' } },
} as const

test.each(Object.keys(changes))('%s counts like a message, and sleep and crashes do not refund it', async (name) => {
  const [ana, ben] = await pair()
  const message = await send(ana, ben, 'hello')
  await react(ana, ben, message, '👍')
  await delivered(ana, ben)
  await narrow(ana, { SENDS_AT_ONCE: 2 })
  await changes[name]?.(ana, message, 1)
  await send(ana, ben, 'the second of two')
  const wait = await refusedSend(ana, ben)
  expect(wait).toBeLessThanOrEqual(30)
  for (const [, wake] of wakings) {
    await wake(ana)
    await narrow(ana, { SENDS_AT_ONCE: 2 })
    expect(await refusedSend(ana, ben)).toBeGreaterThan(0)
  }
})

test('beyond the limit every change of a message is refused, changes nothing and writes no row', async () => {
  const [ana, ben] = await narrowPair()
  await send(ana, ben, 'hello')
  const message = await send(ana, ben, 'hello again')
  await react(ana, ben, message, '👍')
  for (let n = 0; n < 2; n++) await edit(ana, message, `edit ${n}`)
  await delivered(ana, ben)
  const before = await get(ana, ben, message)
  for (const { id } of [ana, ben]) await cancelAlarm(id)
  const refuseAll = async () => {
    for (const [operationId, { ...input }] of Object.entries(refusedChanges)) {
      const { emoji, ...rest } = { emoji: undefined, ...input }
      const params = { chatId: ben.id, messageId: message.id, ...(emoji && { emoji }) }
      const { headers } = await refused(operationId, 'sends_exhausted', { params, ...rest }, { as: ana })
      expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0)
    }
    const forMe = { params: { chatId: ben.id, messageId: message.id }, query: { scope: 'me' } }
    await refused('deleteMessage', 'sends_exhausted', forMe, { as: ana })
  }
  // The alarm of a mailbox of another test can ring meanwhile; what a refusal writes, it writes each time.
  const written: number[] = []
  for (let n = 0; n < 3; n++) written.push((await countRows(ana.id, refuseAll)).written)
  expect(Math.min(...written)).toBe(0)
  expect(await get(ana, ben, message)).toEqual(before)
})

test('what changes nothing is not counted', async () => {
  const [ana, ben] = await narrowPair()
  const [kept, deleted] = [await send(ana, ben, 'hello'), await send(ana, ben, 'hello')]
  await react(ana, ben, kept, '👍')
  await removed(ana, deleted, 'everyone')
  for (let n = 0; n < 10; n++) {
    await edit(ana, kept, 'hello')
    await react(ana, ben, kept, '👍')
    await removed(ana, deleted, 'everyone')
    await ok('removeReaction', { params: { chatId: ben.id, messageId: kept.id, emoji: '🎉' } }, { as: ana })
  }
  await send(ana, ben, 'the fifth')
  await refusedSend(ana, ben)
})

test('the socket and HTTP share one limit of read marks, which refills', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  const incoming = await sendAll(ben, ana, 5)
  await delivered(ana, ben)
  await narrow(ana, { READ_MARKS_PER_MINUTE: 2 })
  const socket = await connectLive(ana)
  const mark = (message: Message | undefined) =>
    socket.ask({ type: 'markRead' as const, chatId: ben.id, upToMessageId: message?.id ?? '' })
  const body = (message: Message | undefined) => ({ params: { chatId: ben.id }, body: { upToMessageId: message?.id } })
  expect(await mark(incoming[0])).toMatchObject({ type: 'ack' })
  await ok('markChatRead', body(incoming[1]), { as: ana })
  const refusal = await mark(incoming[2])
  expect(refusal).toMatchObject({ type: 'error', problem: { code: 'too_many_requests', status: 429 } })
  expect(Reflect.get(refusal, 'retryAfterSeconds')).toBeGreaterThan(10)
  await refused('markChatRead', 'too_many_requests', body(incoming[2]), { as: ana })
  expect(await mark(incoming[1]), 'a mark that does not move').toMatchObject({ type: 'ack' })
  await later(31, () => ok('markChatRead', body(incoming[2]), { as: ana }))
  await send(ana, ben, 'sends are not concerned')
  socket.close()
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
  const start = Date.now()
  try {
    // The clock stands still, or messages would come back while these are sent.
    vi.useFakeTimers({ toFake: ['Date'], now: start })
    for (let n = 1; n <= 600; n++) {
      const body = { clientMessageId: `${n}`, text: 'hello' }
      await ok('sendMessage', { params: { chatId: ana.id }, body }, { as: ana })
    }
    expect(await refusedSend(ana, ben)).toBe(1)
    vi.setSystemTime(start + 2_000)
    await sendAll(ana, ben, 2)
    expect(await refusedSend(ana, ben)).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})

test('a refusal writes no rows', async () => {
  const [ana, ben] = await narrowPair()
  await sendAll(ana, ben, 5)
  await delivered(ana, ben)
  const { written } = await countRows(ana.id, () => refusedSend(ana, ben))
  expect(written).toBe(0)
})
