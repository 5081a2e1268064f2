import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Mailbox } from '../../objects/mailbox'
import { mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import { alarmIn } from '../support/alarms'
import { call, ok } from '../support/call'
import { delivered, edit, friends, get, list, react, send } from '../support/chat-calls'
import { alterMailbox, type Fault, injectFaults, inMailbox, stubOf } from '../support/delivery-faults'
import { logged } from '../support/log-watch'
import { faultStorage } from '../support/storage-faults'

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

const inject = (next: () => Fault) => {
  const [faults, remove] = injectFaults(next)
  undo.push(remove)
  return faults
}

/** Runs something inside a mailbox. */
const inside = <T>(userId: string, work: (mailbox: Mailbox, storage: DurableObjectStorage) => T | Promise<T>) =>
  runInDurableObject(stubOf(userId), (mailbox: Mailbox, { storage }) => work(mailbox, storage))

/** While the peer cannot be reached, a message changes, then a batch of others of the chat, then the message again. */
async function changedBehindABatch() {
  const { deliveryRowsMax } = limits
  undo.push(() => Object.assign(limits, { deliveryRowsMax }))
  Object.assign(limits, { deliveryRowsMax: 10 })
  const [alice, bob] = await friends()
  const faults = inject(() => 'none')
  const first = await send(alice, bob, 'frist')
  const others = []
  for (let n = 0; n < limits.deliveryRowsMax; n++) others.push(await send(alice, bob, `m${n}`))
  await delivered(alice, bob)
  faults.next = () => 'dropped'
  await edit(alice, first, 'first')
  for (const one of others) await react(alice, bob, one, '👍')
  await react(alice, bob, first, '👍')
  return { alice, bob, faults, first, others }
}

describe('a change that waits behind a whole batch of others', () => {
  test('arrives, also when the same message has changed again meanwhile', async () => {
    const { alice, bob, faults, first } = await changedBehindABatch()
    faults.next = () => 'none'
    await delivered(alice, bob)
    expect(await get(bob, alice, first)).toMatchObject({ text: 'first', reactions: [{ emoji: '👍' }] })
  })

  test('arrives when its author hides the message before it is sent', async () => {
    const { alice, bob, faults, first, others } = await changedBehindABatch()
    // The first batch goes, and then nothing until the message is hidden.
    let calls = 0
    faults.next = () => (calls++ === 0 ? 'none' : 'dropped')
    await react(alice, bob, others[0] ?? first, '🎉')
    await expect.poll(() => calls).toBeGreaterThan(1)
    await ok(
      'deleteMessage',
      { params: { chatId: bob.id, messageId: first.id }, query: { scope: 'me' } },
      { as: alice },
    )
    faults.next = () => 'none'
    await delivered(alice, bob)
    expect((await get(bob, alice, first)).text).toBe('first')
  })
})

describe('an alarm', () => {
  test('waits between the attempts at an erasure while D1 is down', async () => {
    const [alice, bob] = await friends()
    await send(alice, bob, 'hello')
    await delivered(alice, bob)
    const fault = faultStorage('D1 batch', 'lost', 1_000_000)
    undo.push(fault.remove)
    await call('deleteMe', {}, { as: alice })
    await expect.poll(() => fault.happened).toBeGreaterThan(1)
    expect(await alarmIn(alice.id)).toBeGreaterThan(100)
    const [row] = await inMailbox<{ failures: number }>(
      alice.id,
      `SELECT failures FROM alarm_jobs WHERE name = 'record'`,
    )
    expect(row?.failures).toBe(fault.happened)
    expect(logged().find((line) => line.includes('"alarm_failed"'))).toContain('"job":"record"')
  })

  test('does not spin while an erasure waits for a peer and the search index is behind', async () => {
    const [alice, bob] = await friends()
    const faults = inject(() => 'none')
    await send(alice, bob, 'hello')
    await delivered(alice, bob)
    await runInDurableObject(stubOf(alice.id), (_, { storage }) => {
      storage.sql.exec('UPDATE search_blocks SET rebuild_at = 1')
    })
    faults.next = () => 'dropped'
    await call('deleteMe', {}, { as: alice })
    await expect.poll(() => faults.counts.dropped).toBeGreaterThan(0)
    for (let ring = 0; ring < 5; ring++) {
      await runDurableObjectAlarm(stubOf(alice.id))
      const { alarmAt, retryAt } = await runInDurableObject(stubOf(alice.id), async (_, { storage }) => ({
        alarmAt: await storage.getAlarm(),
        retryAt: storage.sql.exec<{ retry_at: number }>('SELECT retry_at FROM chats').one().retry_at,
      }))
      if (alarmAt !== null) expect(alarmAt).toBe(retryAt)
    }
  })

  test('rings for the next attempt as soon as a failed delivery may be tried again', async () => {
    const [alice, bob] = await friends()
    const faults = inject(() => 'dropped')
    await send(alice, bob, 'hello')
    const state = () =>
      runInDurableObject(stubOf(alice.id), async (_, { storage }) => ({
        ...storage.sql.exec<{ attempts: number; retry_at: number }>('SELECT attempts, retry_at FROM chats').one(),
        alarmAt: (await storage.getAlarm()) ?? 0,
      }))
    let seen = await state()
    for (let look = 0; seen.attempts === 0 && look < 1000; look++) seen = await state()
    expect(seen.attempts).toBeGreaterThan(0)
    expect(seen.alarmAt).toBeLessThanOrEqual(seen.retry_at)
    expect(faults.counts.dropped).toBeGreaterThan(0)
  })

  test('is not put off by a block that was rolled back', async () => {
    const [alice, bob] = await friends()
    const faults = inject(() => 'dropped')
    await send(alice, bob, 'hello')
    await expect.poll(() => faults.counts.dropped).toBeGreaterThan(0)
    const overtaking = {
      id: 'msg_7ZZZZZZZZZZZZZZZZZZZZZZZZZ',
      ...{ revision: 5, contentRevision: 5, reactions: [], text: 'x', attachments: [] },
      ...{ replyTo: null, createdAt: 0, editedAt: null, deletedAt: null },
    }
    const delivery = { from: bob.id, profile: null, state: null, creations: [] }
    await inside(alice.id, (mailbox) => {
      const changes = { upToRevision: 5, messages: [overtaking] }
      expect(() => mailbox.receive({ ...delivery, changes })).toThrow('overtaken')
    })
    await ok(
      'uploadFile',
      { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
      { as: alice },
    )
    expect(await alarmIn(alice.id)).toBeLessThan(60_000)
  })

  test('is set for what a first message leaves due in the mailbox that receives it', async () => {
    const [alice, bob] = await friends()
    const first = {
      id: mintId('message', Date.now()),
      ...{ revision: 0, contentRevision: 0, reactions: [], text: 'hello', attachments: [] },
      ...{ replyTo: null, createdAt: Date.now(), editedAt: null, deletedAt: null },
    }
    const alarmAt = await inside(bob.id, async (mailbox, storage) => {
      await storage.deleteAlarm()
      mailbox.receive({ from: alice.id, profile: null, state: null, creations: [first], changes: null })
      return storage.getAlarm()
    })
    expect(alarmAt).not.toBeNull()
  })

  test('delivers while D1 is down and the profile is due', async () => {
    const [alice, bob] = await friends()
    const faults = inject(() => 'none')
    await send(alice, bob, 'one')
    await delivered(alice, bob)
    faults.next = () => 'dropped'
    await send(alice, bob, 'two')
    await expect.poll(() => faults.counts.dropped).toBeGreaterThan(0)
    await alterMailbox(alice.id, `INSERT INTO meta (key, value) VALUES ('profile_due', '1')`)
    faults.next = () => 'none'
    const prototype = Object.getPrototypeOf(env.DB)
    const { prepare } = prototype
    let asked = 0
    prototype.prepare = () => {
      asked++
      throw new Error('D1_ERROR: Network connection lost.')
    }
    undo.push(() => Object.assign(prototype, { prepare }))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 600_000 })
    undo.push(() => vi.useRealTimers())
    await runDurableObjectAlarm(stubOf(alice.id))
    expect(asked).toBe(1)
    await expect.poll(async () => (await inMailbox(bob.id, 'SELECT 1 FROM messages')).length).toBe(2)
    expect(await alarmIn(alice.id)).toBeGreaterThan(100)
  })
})

describe('under a block', () => {
  const block = (owner: { id: string }, other: { id: string }) =>
    ok('blockUser', { params: { userId: other.id } }, { as: owner as never })
  const unblock = (owner: { id: string }, other: { id: string }) =>
    call('unblockUser', { params: { userId: other.id } }, { as: owner as never })

  test('what was sent does not come by a later quote of it', async () => {
    const [alice, bob] = await friends()
    await send(alice, bob, 'before')
    await delivered(alice, bob)
    await block(bob, alice)
    const secret = await send(alice, bob, 'under the block')
    await delivered(alice, bob)
    await unblock(bob, alice)
    await send(alice, bob, 'see above', { replyToId: secret.id })
    await delivered(alice, bob)
    expect((await list(bob, alice)).items[0]?.replyTo).toMatchObject({ id: secret.id, text: '' })
  })

  test('what was edited does not come by a later quote of it', async () => {
    const [alice, bob] = await friends()
    const message = await send(alice, bob, 'before')
    await delivered(alice, bob)
    await block(bob, alice)
    await edit(alice, message, 'under the block')
    await delivered(alice, bob)
    await unblock(bob, alice)
    await send(alice, bob, 'see above', { replyToId: message.id })
    await delivered(alice, bob)
    expect((await list(bob, alice)).items[0]?.replyTo).toMatchObject({ id: message.id, text: 'before' })
  })

  test('a reaction that was taken back stays, whatever else happens to the message afterwards', async () => {
    const [alice, bob] = await friends()
    const message = await send(alice, bob, 'hello')
    await react(alice, bob, message, '👍')
    await delivered(alice, bob)
    await block(bob, alice)
    const params = { chatId: bob.id, messageId: message.id, emoji: '👍' }
    await call('removeReaction', { params }, { as: alice })
    await delivered(alice, bob)
    await unblock(bob, alice)
    const emoji = async () => (await get(bob, alice, message)).reactions.map((one) => one.emoji)
    expect(await emoji()).toEqual(['👍'])
    await react(alice, bob, message, '😂')
    await delivered(alice, bob)
    expect(await emoji()).toEqual(['👍', '😂'])
    await edit(alice, message, 'hello again')
    await delivered(alice, bob)
    expect(await emoji()).toEqual(['👍', '😂'])
  })
})
