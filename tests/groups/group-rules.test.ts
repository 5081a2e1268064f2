import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { Chat, Chats } from '../../schemas/chat'
import { limits } from '../../src/core/limits'
import { silenceAlarms } from '../support/alarms'
import { call, ok } from '../support/call'
import { edit, list, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { alterMailbox, interceptCalls, type MailboxCall } from '../support/delivery-faults'
import { addMembers, changesOf, groupOf, settle, type TestGroup, textsOf } from '../support/group-calls'
import { holdAnswers, loseCalls } from '../support/held-calls'
import { configureGroup } from '../support/rotation'
import { connectLive } from '../support/socket'
import { newUser, type TestUser } from '../support/users'
import { groupStub } from './model/state'

/** Rules of groups and mailboxes whose loss would show seldom, or only by what it costs: a test for each. */

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0).reverse()) stop()
})

/** Changes bounds for one test. */
function bound(changed: Partial<Record<keyof typeof limits, number>>) {
  const before = Object.fromEntries(Object.keys(changed).map((name) => [name, Reflect.get(limits, name)]))
  Object.assign(limits, changed)
  undo.push(() => Object.assign(limits, before))
}

const first = async (as: TestUser) => (await ok<Chats>('listChats', {}, { as })).items[0]
const lastText = async (as: TestUser) => (await first(as))?.lastMessage?.text
const ring = (group: TestGroup) => runDurableObjectAlarm(groupStub(group))

const isNudgeOf =
  ({ id }: TestUser) =>
  ({ userId, method }: MailboxCall) =>
    userId === id && method === 'nudge'

describe('what is believed for a week alone', () => {
  test('that a mailbox knows of a change: then it is told again', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await first(ben)
    await send(ana, group, 'one')
    await settle(group)
    // The mailbox forgets, as one that is restored does.
    await alterMailbox(ben.id, 'UPDATE groups SET dirty = 0')
    await send(ana, group, 'two')
    await settle(group)
    expect(await lastText(ben)).toBe('')
    bound({ groupBelievedMs: 60_000 })
    await later(300, async () => {
      await send(ana, group, 'three')
      await settle(group)
    })
    expect(await lastText(ben)).toBe('three')
  })

  test('how a group looks: then it is asked again', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    await settle(group)
    expect(await first(ben)).toMatchObject({ unreadCount: 1 })
    // The mailbox has missed a change.
    await alterMailbox(ben.id, `UPDATE groups SET head = json_set(head, '$.unreadCount', 7), checked = checked - 1`)
    expect(await first(ben)).toMatchObject({ unreadCount: 7 })
    bound({ groupBelievedMs: 60_000 })
    await later(300, async () => expect(await first(ben)).toMatchObject({ unreadCount: 1 }))
  })
})

describe('a pass', () => {
  test('that never ends is given up by the alarm', async () => {
    bound({ groupCallSlowMs: 3_600_000, groupCallMs: 3_600_000 })
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    await settle(group)
    for (const user of users) await first(user)
    const hung = holdAnswers(isNudgeOf(carla))
    undo.push(hung.stop, hung.release)
    await send(ana, group, 'one')
    await hung.untilHeld()
    expect(await lastText(ben)).toBe('one')
    await send(ana, group, 'two')
    await scheduler.wait(20)
    expect(await lastText(ben)).toBe('one')
    await later(60, () => ring(group))
    await expect.poll(() => lastText(ben)).toBe('two')
  })

  test('looks at who is a member when it makes a call, not when it began', async () => {
    undo.push(silenceAlarms())
    const { group, users } = await groupOf(6)
    const [ana] = users as [TestUser]
    await settle(group)
    for (const user of users) await first(user)
    await configureGroup(group.id, { GROUP_CALLS_AT_ONCE: 2 })
    const told = new Map<string, unknown[]>()
    undo.push(
      interceptCalls((made) => {
        if (made.method === 'nudge') told.set(made.userId, [...(told.get(made.userId) ?? []), made.input[0]])
        return made.make()
      }),
    )
    await send(ana, group, 'for members')
    const waiting = users.find(({ id }) => !told.has(id))
    if (!waiting) throw new Error('Everybody was called at once')
    const params = { groupId: group.id, userId: waiting.id }
    await ok('removeGroupMember', { params }, { as: ana })
    for (let rung = 0; rung < 6; rung++) await ring(group)
    expect(told.get(waiting.id)).toMatchObject([{ kind: 'out' }])
    expect(JSON.stringify(told.get(waiting.id))).not.toContain('for members')
  })

  test('that is repeated after a crash does not hush a mailbox that knows everything', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    await scheduler.wait(20)
    expect(await lastText(ben)).toBe('one')
    await evictDurableObject(groupStub(group))
    await later(60, () => ring(group))
    await scheduler.wait(20)
    await send(ana, group, 'two')
    await settle(group)
    expect(await lastText(ben)).toBe('two')
  })

  test('that is repeated during a check does not hush a mailbox that is about to know everything', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    await scheduler.wait(20)
    const checks = holdAnswers(({ userId, method }) => userId === group.id && method === 'check')
    undo.push(checks.stop)
    const asked = lastText(ben)
    await checks.untilHeld()
    await evictDurableObject(groupStub(group))
    await later(60, () => ring(group))
    await scheduler.wait(20)
    await checks.release()
    expect(await asked).toBe('one')
    await send(ana, group, 'two')
    await settle(group)
    expect(await lastText(ben)).toBe('two')
  })

  test('tells a member of what they alone have changed', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    const two = await send(ana, group, 'two')
    await settle(group)
    expect(await lastText(ben)).toBe('two')
    await remove(ben, group, two, 'me')
    await settle(group)
    expect(await lastText(ben)).toBe('one')
  })

  test('follows on what all were told, not on what one alone has changed', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const one = await send(ana, group, 'one')
    const socket = await connectLive(ben)
    await send(ana, group, 'two')
    const held = await socket.next('groupChanges', ({ chat }) => chat.lastMessage?.text === 'two')
    await remove(ana, group, one, 'me')
    await settle(group)
    await send(ana, group, 'three')
    const next = await socket.next('groupChanges', ({ chat }) => chat.lastMessage?.text === 'three')
    expect(next.from).toBeLessThanOrEqual(held.version)
  })
})

describe('a mailbox that was not told that its owner was removed', () => {
  /** A group of which Ben was removed without his mailbox having been told. */
  async function removedInSilence(isDirty: boolean) {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await settle(group)
    await first(ben)
    if (isDirty) await send(ana, group, 'one')
    if (isDirty) await settle(group)
    const lost = loseCalls(isNudgeOf(ben))
    undo.push(lost.stop)
    await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
    await scheduler.wait(20)
    return { group, ben }
  }

  test('learns it from the answer to any call', async () => {
    const { group, ben } = await removedInSilence(false)
    expect(await first(ben)).toBeDefined()
    expect((await call('getChat', { params: { chatId: group.id } }, { as: ben })).status).toBe(404)
    expect(await first(ben)).toBeUndefined()
  })

  test('learns it when it asks how the group looks', async () => {
    const { ben } = await removedInSilence(true)
    expect(await first(ben)).toBeUndefined()
  })
})

test('what changes of a message from before somebody came is nothing that they are shown', async () => {
  const { group, users } = await groupOf(1, { settings: { historyVisible: 'joining' } })
  const [ana] = users as [TestUser]
  const ben = await newUser()
  const old = await send(ana, group, 'from before')
  await addMembers(ana, group, [ben])
  const socket = await connectLive(ben)
  const { cursor } = await changesOf(ben, group)
  await edit(ana, old, 'from before, edited')
  await react(ana, group, old, '👍')
  await settle(group)
  const page = await changesOf(ben, group, cursor)
  expect(page).toMatchObject({ reset: false, messages: [] })
  await send(ana, group, 'for all')
  await socket.next('groupChanges', ({ chat }) => chat.lastMessage?.text === 'for all')
  expect(JSON.stringify(socket.taken)).not.toContain('from before')
})

test('an account that is gone is no member, though its leaving was lost', async () => {
  const { group, users } = await groupOf(2)
  const [ana, ben] = users as [TestUser, TestUser]
  await first(ben)
  const lost = loseCalls(({ userId, method }) => userId === group.id && method === 'leave')
  undo.push(lost.stop)
  await ok('deleteMe', {}, { as: ben })
  await send(ana, group, 'one')
  await settle(group)
  expect(await ok<Chat>('getChat', { params: { chatId: group.id } }, { as: ana })).toMatchObject({
    group: { memberCount: 1 },
  })
})

test('a cursor of a former membership starts anew', async () => {
  const { group, users } = await groupOf(2, { settings: { historyVisible: 'joining' } })
  const [ana, ben] = users as [TestUser, TestUser]
  await send(ana, group, 'before')
  const { cursor } = await changesOf(ben, group)
  await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
  await addMembers(ana, group, [ben])
  await send(ana, group, 'after')
  const page = await changesOf(ben, group, cursor)
  expect(page.reset).toBe(true)
  expect(textsOf(page.messages)).toEqual(['after'])
  expect((await changesOf(ben, group, page.cursor)).reset).toBe(false)
})

test('an answer to the creation of a group that comes late does not hide what has happened since', async () => {
  const ana = await newUser()
  const held = holdAnswers(({ userId, method }) => userId.startsWith('grp_') && method === 'create')
  undo.push(held.stop)
  const body = { clientGroupId: 'slow', title: 'Slow' }
  const creating = call<{ chat: Chat }>('createGroup', { body }, { as: ana })
  await held.untilHeld()
  held.stop()
  const { chat } = await ok<{ chat: Chat }>('createGroup', { body }, { as: ana })
  await first(ana)
  await send(ana, chat, 'since')
  await settle(chat)
  await held.release()
  await creating
  expect(await lastText(ana)).toBe('since')
  expect(textsOf((await list(ana, chat)).items)).toEqual(['since'])
})
