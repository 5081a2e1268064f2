import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Messages } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { edit, pair, react, remove, send } from '../support/chat-calls'
import { crash, type Fault, injectFaults, inMailbox, ringUntilDelivered, stubOf } from '../support/delivery-faults'
import type { TestUser } from '../support/users'

let removeFaults = () => {}
afterEach(() => removeFaults())

const defaults = { ...limits }
afterEach(() => void Object.assign(limits, defaults))

/** Has a test meet the limits after a few messages. */
const lower = (less: Partial<Record<keyof typeof limits, number>>) => Object.assign(limits, less)

const inject = (next: () => Fault) => {
  const [faults, remove] = injectFaults(next)
  removeFaults = remove
  return faults
}

/** A chat as one side sees it, oldest first. */
async function chatOf(user: TestUser, peer: TestUser) {
  const { items } = await ok<Messages>(
    'listMessages',
    { params: { chatId: peer.id }, query: { limit: 200 } },
    { as: user },
  )
  return items.toReversed().map(({ id, senderId, text, deletedAt }) => ({ id, senderId, text, deleted: !!deletedAt }))
}

describe('an acknowledged message arrives exactly once and in order, by the alarm alone,', () => {
  for (const fault of ['dropped', 'replyLost', 'doubled', 'late'] satisfies Fault[]) {
    test(`when every call is ${fault} at first`, async () => {
      const [alice, bob] = await pair()
      const faults = inject(() => fault)
      const sent = []
      for (let n = 1; n <= 5; n++) sent.push(await send(alice, bob, `message ${n}`))
      await ringOnce(faults.counts, fault)
      faults.next = () => 'none'
      await faults.releaseLate()
      await ringUntilDelivered([alice.id, bob.id])
      await faults.releaseLate()

      const seen = await chatOf(bob, alice)
      expect(seen.map(({ text }) => text)).toEqual(sent.map(({ text }) => text))
      expect(seen).toEqual(await chatOf(alice, bob))
      const chat = await ok<Chat>('getChat', { params: { chatId: alice.id } }, { as: bob })
      expect(chat.unreadCount).toBe(5)
    })
  }

  async function ringOnce(counts: Record<Fault, number>, fault: Fault) {
    await expect.poll(() => counts[fault]).toBeGreaterThan(0)
  }

  test('when the objects lose their memory between send and delivery', async () => {
    const [alice, bob] = await pair()
    const faults = inject(() => 'dropped')
    await send(alice, bob, 'before the crash')
    await crash()
    await send(alice, bob, 'after the crash')
    await crash()
    faults.next = () => 'none'
    await ringUntilDelivered([alice.id, bob.id])
    expect((await chatOf(bob, alice)).map(({ text }) => text)).toEqual(['before the crash', 'after the crash'])
  })
})

describe('edits and deletions arrive', () => {
  test('when made before the message is delivered', async () => {
    const [alice, bob] = await pair()
    const faults = inject(() => 'dropped')
    const first = await send(alice, bob, 'frist')
    const second = await send(alice, bob, 'a secret')
    await send(alice, bob, 'third')
    await edit(alice, first, 'first')
    await remove(alice, bob, second, 'everyone')
    faults.next = () => 'none'
    await ringUntilDelivered([alice.id, bob.id])
    expect(await chatOf(bob, alice)).toMatchObject([
      { text: 'first', deleted: false },
      { text: '', deleted: true },
      { text: 'third', deleted: false },
    ])
    const { unreadCount } = await ok<Chat>('getChat', { params: { chatId: alice.id } }, { as: bob })
    expect(unreadCount).toBe(2)
  })

  test('when made after delivery, through lost and duplicated calls', async () => {
    const [alice, bob] = await pair()
    const faults = inject(() => 'none')
    const first = await send(alice, bob, 'frist')
    const second = await send(alice, bob, 'a secret')
    await ringUntilDelivered([alice.id, bob.id])
    const plan: Fault[] = ['replyLost', 'late', 'doubled', 'dropped']
    faults.next = () => plan.shift() ?? 'none'
    await edit(alice, first, 'first')
    await remove(alice, bob, second, 'everyone')
    await edit(alice, first, 'first!')
    await crash()
    await ringUntilDelivered([alice.id, bob.id])
    await faults.releaseLate()
    expect(await chatOf(bob, alice)).toMatchObject([
      { text: 'first!', deleted: false },
      { text: '', deleted: true },
    ])
    expect(await chatOf(bob, alice)).toEqual(await chatOf(alice, bob))
  })

  test('when the author then deletes the message for themselves, and only afterward is its content erased', async () => {
    const [alice, bob] = await pair()
    const faults = inject(() => 'none')
    const message = await send(alice, bob, 'frist')
    await ringUntilDelivered([alice.id, bob.id])
    faults.next = () => 'dropped'
    await edit(alice, message, 'first')
    await remove(alice, bob, message)
    faults.next = () => 'none'
    await ringUntilDelivered([alice.id, bob.id])
    expect(await chatOf(bob, alice)).toMatchObject([{ text: 'first' }])
    expect(await inMailbox(alice.id, 'SELECT hidden, text FROM messages')).toEqual([{ hidden: 1, text: '' }])
  })

  test('when the author reacts to the message and deletes it for themselves', async () => {
    const [alice, bob] = await pair()
    const faults = inject(() => 'none')
    const message = await send(alice, bob, 'frist')
    await edit(alice, message, 'first')
    await ringUntilDelivered([alice.id, bob.id])
    faults.next = () => 'dropped'
    await react(alice, bob, message, '👍')
    await remove(alice, bob, message)
    faults.next = () => 'none'
    await ringUntilDelivered([alice.id, bob.id])
    expect(await chatOf(bob, alice)).toMatchObject([{ text: 'first' }])
  })

  test('in quotes of the message where a user deleted it for themselves', async () => {
    const [alice, bob] = await pair()
    const secret = await send(alice, bob, 'a secret')
    await ringUntilDelivered([alice.id, bob.id])
    await send(bob, alice, 'answer', { replyToId: secret.id })
    await remove(bob, alice, secret)
    await remove(alice, bob, secret, 'everyone')
    await ringUntilDelivered([alice.id, bob.id])
    const { items } = await ok<Messages>('listMessages', { params: { chatId: alice.id } }, { as: bob })
    expect(items.map(({ replyTo }) => replyTo)).toEqual([{ id: secret.id, senderId: alice.id, text: '' }])
  })

  test('and a late call never brings back an old text', async () => {
    const [alice, bob] = await pair()
    const faults = inject(() => 'none')
    const message = await send(alice, bob, 'one')
    await ringUntilDelivered([alice.id, bob.id])
    const plan: Fault[] = ['late']
    faults.next = () => plan.shift() ?? 'none'
    await edit(alice, message, 'two')
    await expect.poll(() => faults.counts.late).toBe(1)
    await edit(alice, message, 'three')
    await ringUntilDelivered([alice.id, bob.id])
    await faults.releaseLate()
    expect((await chatOf(bob, alice)).map(({ text }) => text)).toEqual(['three'])
  })
})

test('undelivered messages to one peer are bounded and never dropped, and retries still succeed', async () => {
  lower({ undeliveredMax: 30, deliveryRowsMax: 10 })
  const [alice, bob] = await pair()
  await send(bob, alice, 'Write as much as you like')
  await ringUntilDelivered([bob.id])
  const faults = inject(() => 'dropped')
  const first = { params: { chatId: bob.id }, body: { clientMessageId: 'first', text: 'hello' } }
  await ok('sendMessage', first, { as: alice })
  for (let n = 1; n < limits.undeliveredMax; n++) await send(alice, bob, `${n}`)
  const more = { params: { chatId: bob.id }, body: { clientMessageId: 'more', text: 'one too many' } }
  const { headers } = await refused('sendMessage', 'too_many_undelivered', more, { as: alice })
  expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0)
  expect((await call('sendMessage', first, { as: alice })).status).toBe(200)
  faults.next = () => 'none'
  await ringUntilDelivered([alice.id, bob.id])
  const { unreadCount } = await ok<Chat>('getChat', { params: { chatId: alice.id } }, { as: bob })
  expect(unreadCount).toBe(limits.undeliveredMax)
  expect((await call('sendMessage', more, { as: alice })).status).toBe(201)
})

/** A small seeded generator, so that a run can be repeated. */
function random(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const faultKinds: Fault[] = ['none', 'none', 'dropped', 'replyLost', 'doubled', 'late']

test.for([11, 12, 13, 14, 15, 16])('both sides agree after any mix of faults (seed %i)', async (seed) => {
  const draw = random(seed)
  const [alice, bob] = await pair()
  const faults = inject(() => faultKinds[draw(faultKinds.length)] ?? 'none')
  const model = new Map<string, { senderId: string; text: string; deleted: boolean }>()
  for (let step = 0; step < 40; step++) {
    const [from, to] = draw(2) === 0 ? [alice, bob] : [bob, alice]
    const own = [...model].filter(([, message]) => message.senderId === from.id && !message.deleted)
    const [id] = own[draw(Math.max(own.length, 1))] ?? []
    const kind = draw(10)
    if (kind < 6 || !id) {
      const message = await send(from, to, `step ${step}`)
      model.set(message.id, { senderId: from.id, text: message.text, deleted: false })
    } else if (kind < 8) {
      await ok(
        'editMessage',
        { params: { chatId: to.id, messageId: id }, body: { text: `edit ${step}` } },
        { as: from },
      )
      model.set(id, { senderId: from.id, text: `edit ${step}`, deleted: false })
    } else {
      await call(
        'deleteMessage',
        { params: { chatId: to.id, messageId: id }, query: { scope: 'everyone' } },
        { as: from },
      )
      model.set(id, { senderId: from.id, text: '', deleted: true })
    }
    if (draw(8) === 0) await crash()
    if (draw(6) === 0) await faults.releaseLate()
  }
  faults.next = () => 'none'
  await faults.releaseLate()
  await ringUntilDelivered([alice.id, bob.id])

  const expected = [...model].map(([id, message]) => ({ id, ...message })).sort((a, b) => (a.id < b.id ? -1 : 1))
  expect(await chatOf(alice, bob)).toEqual(expected)
  expect(await chatOf(bob, alice)).toEqual(expected)
  for (const [user, peer] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    const { unreadCount } = await ok<Chat>('getChat', { params: { chatId: peer.id } }, { as: user })
    expect(unreadCount).toBe(expected.filter(({ senderId, deleted }) => senderId === peer.id && !deleted).length)
    expect(await inMailbox(user.id, 'SELECT seq FROM messages GROUP BY seq HAVING count(*) > 1')).toEqual([])
  }
})

test('a mailbox that lost its alarm finds what is due when it wakes', async () => {
  const [alice, bob] = await pair()
  const faults = inject(() => 'dropped')
  await send(alice, bob, 'hello')
  await expect.poll(() => faults.counts.dropped).toBeGreaterThan(0)
  await runInDurableObject(stubOf(alice.id), (_, { storage }) => storage.deleteAlarm())
  faults.next = () => 'none'
  await crash()
  await ringUntilDelivered([alice.id, bob.id])
  expect(await chatOf(bob, alice)).toHaveLength(1)
})
