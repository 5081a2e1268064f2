import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServerFrame } from '../../schemas/realtime'
import { limits } from '../../src/core/limits'
import { send } from '../support/chat-calls'
import { later } from '../support/clock'
import { type MailboxCall, stubOf } from '../support/delivery-faults'
import { groupOf, settle, type TestGroup } from '../support/group-calls'
import { loseCalls } from '../support/held-calls'
import { connect, connectLive } from '../support/socket'
import type { TestUser } from '../support/users'

/** What a socket hears of groups that could not be asked, or told it too early. */

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0).reverse()) stop()
})

const isCheckOf =
  ({ id }: TestGroup) =>
  ({ userId, method }: MailboxCall) =>
    userId === id && method === 'check'

const bringsChat = (text: string) => (frame: Extract<ServerFrame, { type: 'changes' }>) =>
  frame.changes.chats.some(({ lastMessage }) => lastMessage?.text === text)

/** Rings the alarm of a mailbox again and again, further ahead each time. */
const ringLater = async ({ id }: TestUser) => {
  for (const seconds of [60, 600, 6_000]) await later(seconds, () => runDurableObjectAlarm(stubOf(id)))
}

describe('a socket', () => {
  test('that connects while a group does not answer is told of it once it does', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    await settle(group)
    const lost = loseCalls(isCheckOf(group))
    undo.push(lost.stop)
    const socket = await connectLive(ben)
    expect(lost.count()).toBeGreaterThan(0)
    lost.end()
    await ringLater(ben)
    await socket.next('changes', bringsChat('one'))
  })

  test('hears of it, too, if the mailbox hibernates meanwhile', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'one')
    await settle(group)
    const lost = loseCalls(isCheckOf(group))
    undo.push(lost.stop)
    const socket = await connectLive(ben)
    lost.end()
    await evictDurableObject(stubOf(ben.id))
    await ringLater(ben)
    await socket.next('changes', bringsChat('one'))
  })

  test('hears of what happened before it had caught up', async () => {
    const { pageMax } = limits
    undo.push(() => Object.assign(limits, { pageMax }))
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    Object.assign(limits, { pageMax: 1 })
    const socket = await connect(ben)
    await send(ana, group, 'meanwhile')
    await settle(group)
    await socket.next('changes', bringsChat('meanwhile'))
  })
})
