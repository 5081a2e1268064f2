import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import { limits } from '../../src/core/limits'
import { silenceAlarms } from '../support/alarms'
import { ok } from '../support/call'
import { send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls, type MailboxCall } from '../support/delivery-faults'
import { groupOf, settle, type TestGroup } from '../support/group-calls'
import { holdAnswers, loseCalls } from '../support/held-calls'
import { configureGroup } from '../support/rotation'
import type { TestUser } from '../support/users'
import { groupStub } from './model/state'

/** Whom a group tells of a change, and when. */

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0).reverse()) stop()
})

const ring = (group: TestGroup) => runDurableObjectAlarm(groupStub(group))

const lastText = async (as: TestUser) => {
  const { items } = await ok<Chats>('listChats', {}, { as })
  return items[0]?.lastMessage?.text
}

const isNudgeOf =
  ({ id }: TestUser) =>
  ({ userId, method }: MailboxCall) =>
    userId === id && method === 'nudge'

/** Records whose mailboxes are called. */
function recordNudges(): string[] {
  const called: string[] = []
  undo.push(
    interceptCalls((made) => {
      if (made.method === 'nudge') called.push(made.userId)
      return made.make()
    }),
  )
  return called
}

describe('a member whose mailbox could not be called', () => {
  test('is called when it is due, however busy the group is', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    for (const user of [ben, carla]) expect(await lastText(user)).toBe('')
    const lost = loseCalls(isNudgeOf(ben))
    undo.push(lost.stop)
    await send(ana, group, 'one')
    await expect.poll(lost.count).toBe(1)
    lost.end()
    const slow = holdAnswers(isNudgeOf(carla))
    undo.push(slow.stop)
    await lastText(carla)
    await send(ana, group, 'two')
    await slow.untilHeld()
    // A pass is running when the call is due, and not for so long that it is given up.
    const called = recordNudges()
    await later(5, async () => {
      await ring(group)
      await slow.release()
      // Sooner than the alarm rings again.
      await expect.poll(() => called, { timeout: limits.groupPassMs / 2 }).toContain(ben.id)
    })
    expect(await lastText(ben)).toBe('two')
  })
})

describe('where one invocation may call few mailboxes', () => {
  test('the alarm goes on with those who are left, a few at a time', async () => {
    undo.push(silenceAlarms())
    const { group, users } = await groupOf(6)
    const [ana, ...others] = users as [TestUser, ...TestUser[]]
    await settle(group)
    for (const user of users) await lastText(user)
    await configureGroup(group.id, { GROUP_CALLS_AT_ONCE: 2 })
    const called = recordNudges()
    await send(ana, group, 'one')
    const calls = [called.length]
    const alarmAt = await runInDurableObject(groupStub(group), (_, { storage }) => storage.getAlarm())
    expect(alarmAt, 'the alarm goes on at once').toBeLessThanOrEqual(Date.now())
    while (called.length < users.length) {
      const before = called.length
      await ring(group)
      calls.push(called.length - before)
    }
    expect(calls).toEqual([2, 2, 2])
    expect(new Set(called)).toEqual(new Set(users.map(({ id }) => id)))
    for (const user of others) expect(await lastText(user)).toBe('one')
  })

  test('what has happened meanwhile is told by the alarm, and then nothing is left to do', async () => {
    undo.push(silenceAlarms())
    const { group, users } = await groupOf(4)
    const [ana, ...others] = users as [TestUser, ...TestUser[]]
    await settle(group)
    for (const user of users) await lastText(user)
    await configureGroup(group.id, { GROUP_CALLS_AT_ONCE: 2 })
    await send(ana, group, 'one')
    for (const user of others.slice(0, 2)) await lastText(user)
    await send(ana, group, 'two')
    const called = recordNudges()
    const calls: number[] = []
    for (let rung = 0; rung < 10; rung++) {
      const before = called.length
      await ring(group)
      await scheduler.wait(5)
      calls.push(called.length - before)
    }
    expect(Math.max(...calls)).toBeLessThanOrEqual(2)
    expect(calls.slice(-3)).toEqual([0, 0, 0])
    for (const user of others) expect(await lastText(user)).toBe('two')
  })
})
