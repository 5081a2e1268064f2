import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { list, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls, type MailboxCall } from '../support/delivery-faults'
import { groupOf, settle, type TestGroup, textsOf } from '../support/group-calls'
import { holdAnswers as hold } from '../support/held-calls'
import type { TestUser } from '../support/users'

/** What a mailbox believes of a group while calls between the two cross. */

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0)) stop()
})

/** Holds the answers of some calls back for as long as the test goes on, or until they are released. */
function holdAnswers(isHeld: (call: MailboxCall) => boolean) {
  const held = hold(isHeld)
  undo.push(held.stop)
  return held
}

const lastText = async (as: TestUser) => {
  const { items } = await ok<Chats>('listChats', {}, { as })
  return items[0]?.lastMessage?.text
}

const ring = ({ id }: TestGroup) => runDurableObjectAlarm(env.GROUP.get(env.GROUP.idFromName(id)))

test('a change during a check is asked for again', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  await send(ana, group, 'one')
  await settle(group)
  const checks = holdAnswers(({ userId, method }) => userId === group.id && method === 'check')
  const asked = lastText(ben)
  await checks.untilHeld()
  await send(ana, group, 'two')
  await scheduler.wait(20)
  await checks.release()
  expect(['one', 'two']).toContain(await asked)
  expect(await lastText(ben)).toBe('two')
})

test('the answer to a nudge that a check has overtaken does not silence the next one', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  expect(await lastText(ben)).toBe('')
  const nudges = holdAnswers(({ userId, method }) => userId === ben.id && method === 'nudge')
  await send(ana, group, 'one')
  await nudges.untilHeld()
  expect(await lastText(ben)).toBe('one')
  await nudges.release()
  await send(ana, group, 'two')
  await settle(group)
  expect(await lastText(ben)).toBe('two')
})

test('a late answer to what was owed does not settle what others were told since', async () => {
  const { groupCallSlowMs } = limits
  undo.push(() => Object.assign(limits, { groupCallSlowMs }))
  Object.assign(limits, { groupCallSlowMs: 20 })
  const { group, users } = await groupOf(3)
  const [ana, ben] = users as [TestUser, TestUser]
  expect(await lastText(ben)).toBe('')
  let drops = true
  undo.push(
    interceptCalls(async ({ userId, method, make }) => {
      if (drops && userId === ben.id && method === 'nudge') throw new Error('The call was lost')
      return make()
    }),
  )
  await send(ana, group, 'one')
  await scheduler.wait(20)
  drops = false
  const nudges = holdAnswers(({ userId, method }) => userId === ben.id && method === 'nudge')
  const rung = later(60_000, () => ring(group))
  await nudges.untilHeld()
  await rung
  // The pass goes on without the answer, and so does the next one.
  await scheduler.wait(60)
  expect(await lastText(ben)).toBe('one')
  await send(ana, group, 'two')
  await scheduler.wait(60)
  await nudges.release()
  for (const seconds of [60_000, 120_000, 600_000]) await later(seconds, () => ring(group))
  await settle(group)
  expect(await lastText(ben)).toBe('two')
})

test('a mailbox that hangs does not keep the others from being told', async () => {
  const { group, users } = await groupOf(3)
  const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
  for (const user of [ben, carla]) expect(await lastText(user)).toBe('')
  const nudges = holdAnswers(({ userId, method }) => userId === ben.id && method === 'nudge')
  await send(ana, group, 'one')
  await nudges.untilHeld()
  expect(await lastText(carla)).toBe('one')
  await scheduler.wait(1_200)
  await send(ana, group, 'two')
  expect(textsOf((await list(carla, group)).items)).toEqual(['two', 'one'])
  // The call of the one that hangs is given up later.
  await expect.poll(() => lastText(carla), { timeout: 8_000 }).toBe('two')
  await nudges.release()
  for (const seconds of [60_000, 120_000]) await later(seconds, () => ring(group))
  expect(await lastText(ben)).toBe('two')
})
