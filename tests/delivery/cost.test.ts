import { expect, test } from 'vitest'
import type { Message } from '../../schemas/message'
import { call, ok } from '../support/call'
import { get, markRead, pair, send } from '../support/chat-calls'
import { ringUntilDelivered } from '../support/delivery-faults'
import { sized } from '../support/run-size'
import { countD1, countRows } from '../support/storage-costs'
import type { TestUser } from '../support/users'

const plain = (from: TestUser, to: TestUser) => send(from, to, 'hello')

const atPeer = (from: TestUser, { id: messageId }: Message) => ({ params: { chatId: from.id, messageId } })

const statusOf = async (user: TestUser, peer: TestUser, message: Message) => (await get(user, peer, message)).status

test('once a chat exists, sending, listing, reading and delivering make no D1 queries', async () => {
  const [alice, bob] = await pair()
  const opening = await countD1(() => plain(alice, bob))
  expect(opening.statements).toBe(1)
  await ringUntilDelivered([alice.id, bob.id])

  const { statements } = await countD1(async () => {
    const message = await plain(bob, alice)
    await plain(bob, bob)
    await ringUntilDelivered([alice.id, bob.id])
    await markRead(alice, bob, message)
    await ok('listMessages', { params: { chatId: bob.id } }, { as: alice })
    await ok('listChats', {}, { as: alice })
    await ok('getUnreadCount', {}, { as: alice })
    await ok('getChat', { params: { chatId: bob.id } }, { as: alice })
    const edit = { params: { chatId: alice.id, messageId: message.id } }
    await ok('editMessage', { ...edit, body: { text: 'edited' } }, { as: bob })
    await ok('deleteMessage', { ...edit, query: { scope: 'everyone' } }, { as: bob })
    await ringUntilDelivered([alice.id, bob.id])
  })
  expect(statements).toBe(0)
})

test('a plain message, delivered and read, writes at most 9.5 rows across both mailboxes, search included', async () => {
  const [alice, bob] = await pair()
  await plain(alice, bob)
  await plain(bob, alice)
  await ringUntilDelivered([alice.id, bob.id])
  const turns = sized(60, 300)
  const rows = await countRows(alice.id, async () => {
    for (let turn = 0; turn < turns; turn++) {
      const [from, to] = turn % 2 === 0 ? [alice, bob] : [bob, alice]
      const message = await plain(from, to)
      await expect.poll(async () => (await call('getMessage', atPeer(from, message), { as: to })).status).toBe(200)
      await markRead(to, from, message)
      await expect.poll(() => statusOf(from, to, message)).toBe('read')
    }
    await ringUntilDelivered([alice.id, bob.id])
  })
  const mean = rows.written / turns
  console.info(`${mean} rows written per message, ${rows.search / turns} for search, ${rows.alarms} alarms set`)
  expect(mean).toBeLessThanOrEqual(9.5)
  expect(mean).toBeGreaterThan(5)
  expect(rows.search / turns).toBeLessThanOrEqual(0.1)
})
