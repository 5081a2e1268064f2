import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { File } from '../../schemas/file'
import { limits } from '../../src/core/limits'
import { alarmIn, silenceAlarms, wakeAtRest } from '../support/alarms'
import { call, ok } from '../support/call'
import { edit, markRead, pair, react, remove, send } from '../support/chat-calls'
import { alterMailbox, type Fault, injectFaults, inMailbox, interceptCalls, stubOf } from '../support/delivery-faults'
import { hang } from '../support/storage-faults'
import { newUser, signIn, type TestUser } from '../support/users'

const minuteMs = 60_000

const undo: (() => unknown)[] = []
beforeEach(() => {
  undo.push(silenceAlarms())
})
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one()
})

/** From here on, what waits for a time waits for `pass`. */
const holdTimers = () => vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'], now: Date.now() })

/** Lets time pass in a mailbox: only its own context may resolve what it awaits. */
const pass = (user: TestUser, ms: number) =>
  runInDurableObject(stubOf(user.id), () => {
    vi.advanceTimersByTime(ms)
  })

const inject = (next: () => Fault) => {
  const [faults, removeFaults] = injectFaults(next)
  undo.push(removeFaults, () => faults.releaseHung())
  return faults
}

const textsFrom = async (from: TestUser, at: TestUser) =>
  (await inMailbox<{ text: string }>(at.id, `SELECT text FROM messages WHERE chat_id = '${from.id}' ORDER BY id`)).map(
    ({ text }) => text,
  )

const count = async (user: TestUser, query: string) => (await inMailbox(user.id, query)).length

/** Alice and Bob hold one message from each of them. */
async function conversation() {
  const [alice, bob] = await pair()
  const own = await send(alice, bob, 'frist')
  const theirs = await send(bob, alice, 'hello')
  for (const user of [alice, bob]) await expect.poll(() => count(user, 'SELECT 1 FROM messages')).toBe(2)
  return { alice, bob, own, theirs }
}

const upload = (user: TestUser) =>
  ok<File>(
    'uploadFile',
    { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
    { as: user },
  )

describe('the block that leaves something due sets the alarm for it:', () => {
  type Scene = Awaited<ReturnType<typeof conversation>>

  const changedInD1 = `UPDATE users SET about = 'Moved', revision = revision + 1 WHERE id = ?`

  const acts: [string, (scene: Scene) => Promise<unknown>, withinMs?: number][] = [
    ['a message', ({ alice, bob }) => send(alice, bob, 'two')],
    ['a read mark', ({ alice, bob, theirs }) => markRead(alice, bob, theirs)],
    ['an edit', ({ alice, own }) => edit(alice, own, 'first')],
    ['a deletion for everyone', ({ alice, bob, own }) => remove(alice, bob, own, 'everyone')],
    ['a reaction', ({ alice, bob, theirs }) => react(alice, bob, theirs, '👍')],
    ['a new profile', ({ alice }) => ok('updateMe', { body: { about: 'Moved' } }, { as: alice })],
    [
      'a new profile that a sign-in brings',
      async ({ alice }) => {
        await env.DB.prepare(changedInD1).bind(alice.id).run()
        await signIn(alice.phoneNumber)
      },
    ],
    [
      'a change of profile whose result is not reported',
      async ({ alice }) => {
        const loseReport = interceptCalls(async ({ method, make }) => {
          if (method === 'setProfile') throw new Error('The call was lost')
          return make()
        })
        undo.push(loseReport)
        expect((await call('updateMe', { body: { about: 'Moved' } }, { as: alice })).status).toBeGreaterThanOrEqual(500)
      },
      limits.profileSyncMs,
    ],
  ]

  test.each(acts)('%s', async (_, act, withinMs = limits.deliveryAlarmMs) => {
    const scene = await conversation()
    await wakeAtRest(scene.alice.id)
    inject(() => 'hangs')
    await act(scene)
    expect(await alarmIn(scene.alice.id)).toBeLessThanOrEqual(withinMs)
  })

  test('what waited while its recipient was blocked', async () => {
    const { alice, bob } = await conversation()
    const faults = inject(() => 'dropped')
    await send(alice, bob, 'two')
    await expect.poll(() => count(alice, 'SELECT 1 FROM chats WHERE attempts > 0')).toBe(1)
    await ok('blockUser', { params: { userId: bob.id } }, { as: alice })
    await wakeAtRest(alice.id)
    faults.next = () => 'hangs'
    await ok('unblockUser', { params: { userId: bob.id } }, { as: alice })
    expect(await alarmIn(alice.id)).toBeLessThanOrEqual(limits.deliveryAlarmMs)
  })

  test('a removed file', async () => {
    const alice = await newUser()
    const { id } = await upload(alice)
    await wakeAtRest(alice.id)
    await call('deleteFile', { params: { fileId: id } }, { as: alice })
    expect(await alarmIn(alice.id)).toBeLessThanOrEqual(limits.fileCleanUpMs)
  })
})

describe('more than fits into one delivery goes in several, each small enough, with no alarm between them:', () => {
  const long = (n: number) => `${n} ${'🙂'.repeat(15_900)}`
  const enough = Array.from({ length: 20 }, (_, n) => n)

  /** Loses the deliveries to a user until `isDown` is false; then measures them. */
  function measureDeliveries(to: TestUser) {
    const state = { isDown: true, bytes: [] as number[] }
    const restore = interceptCalls(async ({ userId, method, input, make }) => {
      if (method !== 'receive' || userId !== to.id) return make()
      if (state.isDown) throw new Error('The call was lost')
      state.bytes.push(Buffer.byteLength(JSON.stringify(input[0])))
      return make()
    })
    undo.push(restore)
    return state
  }

  const expectSmall = (bytes: number[]) => {
    expect(bytes.length).toBeGreaterThan(1)
    for (const one of bytes) expect(one).toBeLessThanOrEqual(limits.deliveryBytesMax)
  }

  test('messages', async () => {
    const { alice, bob } = await conversation()
    const deliveries = measureDeliveries(bob)
    for (const n of enough) await send(alice, bob, long(n))
    deliveries.isDown = false
    await send(alice, bob, 'last')
    const sent = ['frist', 'hello', ...enough.map(long), 'last']
    await expect.poll(async () => (await textsFrom(alice, bob)).length).toBe(sent.length)
    expect(await textsFrom(alice, bob)).toEqual(sent)
    expectSmall(deliveries.bytes)
  })

  test('edits', async () => {
    const { alice, bob, own } = await conversation()
    const messages = []
    for (const n of enough) messages.push(await send(alice, bob, `${n}`))
    await expect.poll(async () => (await textsFrom(alice, bob)).length).toBe(messages.length + 2)
    const deliveries = measureDeliveries(bob)
    for (const [n, message] of messages.entries()) await edit(alice, message, long(n))
    deliveries.isDown = false
    await edit(alice, own, 'first')
    await expect.poll(async () => (await textsFrom(alice, bob))[0]).toBe('first')
    expect(await textsFrom(alice, bob)).toEqual(['first', 'hello', ...enough.map(long)])
    expectSmall(deliveries.bytes)
  })
})

describe('what does not answer holds back nothing else:', () => {
  type Row = { attempts: number; retry_at: number }
  const chatRow = async (user: TestUser) => (await inMailbox<Row>(user.id, 'SELECT attempts, retry_at FROM chats'))[0]

  test('a delivery without an answer has failed after half a minute, and its message goes again', async () => {
    const { alice, bob } = await conversation()
    let calls = 0
    const restore = interceptCalls(({ userId, method, make }) =>
      method === 'receive' && userId === bob.id && calls++ === 0 ? hang() : make(),
    )
    undo.push(restore)
    holdTimers()
    await send(alice, bob, 'two')
    await expect.poll(() => calls).toBe(1)
    await pass(alice, limits.deliveryTimeoutMs - 1)
    expect(await chatRow(alice)).toEqual({ attempts: 0, retry_at: 0 })
    await pass(alice, 1)
    await expect.poll(async () => (await chatRow(alice))?.attempts).toBe(1)
    vi.setSystemTime(Date.now() + minuteMs)
    await runDurableObjectAlarm(stubOf(alice.id))
    await expect.poll(() => textsFrom(alice, bob)).toEqual(['frist', 'hello', 'two'])
    expect(await chatRow(alice)).toEqual({ attempts: 0, retry_at: 0 })
  })

  test('peers that hang, those who have failed less often or come later', async () => {
    const alice = await newUser()
    const peers = []
    for (let n = 0; n <= limits.deliveriesAtOnce + 1; n++) peers.push(await newUser())
    const [latest, last] = peers.slice(-2) as [TestUser, TestUser]
    const faults = inject(() => 'dropped')
    const fail = async (peer: TestUser) => {
      const { dropped } = faults.counts
      await send(alice, peer, 'hello')
      await expect.poll(() => faults.counts.dropped).toBe(dropped + 1)
    }
    for (const peer of [...peers, ...peers.slice(0, -1)]) await fail(peer)
    faults.next = () => 'none'
    const answering = new Set([latest.id, last.id])
    const restore = interceptCalls(({ userId, method, make }) =>
      method === 'receive' && !answering.has(userId) ? hang() : make(),
    )
    undo.push(restore)
    vi.setSystemTime(Date.now() + minuteMs)
    holdTimers()
    const rung = runDurableObjectAlarm(stubOf(alice.id))
    await expect.poll(() => textsFrom(alice, last)).toEqual(['hello'])
    expect(await textsFrom(alice, latest)).toEqual([])
    await pass(alice, limits.deliverySlowMs)
    await expect.poll(() => textsFrom(alice, latest)).toEqual(['hello', 'hello'])
    await pass(alice, limits.alarmWaitMs)
    await rung
  })

  test('a peer that failed is not tried again with the others, but when it is due', async () => {
    const { alice, bob } = await conversation()
    const carl = await newUser()
    const tried = { toBob: 0, toCarl: 0 }
    const restore = interceptCalls(async ({ userId, method, make }) => {
      if (method === 'receive' && userId === bob.id) tried.toBob++
      else if (method !== 'receive' || userId !== carl.id || tried.toCarl++ > 0) return make()
      throw new Error('The call was lost')
    })
    undo.push(restore)
    // After four failures in a row the pause is at least six seconds, after one at most one.
    for (let n = 1; n <= 4; n++) {
      await send(alice, bob, `${n}`)
      await expect.poll(async () => (await chatRow(alice))?.attempts).toBe(n)
    }
    await send(alice, carl, 'hello')
    await expect.poll(() => count(alice, 'SELECT 1 FROM chats WHERE attempts = 1')).toBe(1)
    vi.setSystemTime(Date.now() + 2_000)
    await runDurableObjectAlarm(stubOf(alice.id))
    expect(await textsFrom(alice, carl)).toEqual(['hello'])
    expect(tried).toEqual({ toBob: 4, toCarl: 2 })
    vi.setSystemTime(Date.now() + minuteMs)
    await runDurableObjectAlarm(stubOf(alice.id))
    expect(tried).toEqual({ toBob: 5, toCarl: 2 })
  })

  test('a job of the alarm, the other jobs and the next alarm; after a minute it has failed', async () => {
    const { alice, bob } = await conversation()
    const faults = inject(() => 'dropped')
    await send(alice, bob, 'two')
    await expect.poll(async () => (await chatRow(alice))?.attempts).toBe(1)
    faults.next = () => 'none'
    await alterMailbox(alice.id, `INSERT INTO meta (key, value) VALUES ('profile_due', '1')`)
    const prototype = Object.getPrototypeOf(env.DB)
    const { prepare } = prototype
    let asked = 0
    const first = () => {
      asked++
      return hang()
    }
    prototype.prepare = () => ({ bind: () => ({ first }) })
    const answerAgain = () => Object.assign(prototype, { prepare })
    undo.push(answerAgain)
    vi.setSystemTime(Date.now() + minuteMs)
    holdTimers()
    let isOver = false
    const rung = runDurableObjectAlarm(stubOf(alice.id)).then(() => {
      isOver = true
    })
    await expect.poll(() => textsFrom(alice, bob)).toEqual(['frist', 'hello', 'two'])
    expect([asked, isOver]).toEqual([1, false])
    await pass(alice, limits.alarmWaitMs)
    await expect.poll(() => isOver).toBe(true)
    await rung
    expect(await alarmIn(alice.id)).toBeLessThanOrEqual(limits.alarmJobMs)
    const failed = () => inMailbox(alice.id, 'SELECT name, failures FROM alarm_jobs')
    expect(await failed()).toEqual([])
    await pass(alice, limits.alarmJobMs)
    await expect.poll(failed).toEqual([{ name: 'profile', failures: 1 }])
    answerAgain()
    vi.setSystemTime(Date.now() + minuteMs)
    await runDurableObjectAlarm(stubOf(alice.id))
    expect(await failed()).toEqual([])
  })
})
