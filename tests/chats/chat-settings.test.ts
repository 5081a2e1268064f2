import { describe, expect, test } from 'vitest'
import type { Chat, ChatSettings, Chats } from '../../schemas/chat'
import { call, ok, refused } from '../support/call'
import { chat, delivered, list, markRead, pair, send } from '../support/chat-calls'
import { injectFaults, ringUntilDelivered } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

const update = (user: TestUser, peer: TestUser, settings: ChatSettings) =>
  ok<Chat>('updateChat', { params: { chatId: peer.id }, body: settings }, { as: user })
const clear = (user: TestUser, peer: TestUser) => call('clearChat', { params: { chatId: peer.id } }, { as: user })
const chatIds = async (user: TestUser, query = {}) =>
  (await ok<Chats>('listChats', { query }, { as: user })).items.map(({ id }) => id)

test('pinned chats come first, across pages', async () => {
  const alice = await newUser()
  const peers = [await newUser(), await newUser(), await newUser()]
  for (const peer of peers) await send(alice, peer, 'hello')
  const [a, b, c] = peers.map(({ id }) => id)
  if (peers[0]) expect((await update(alice, peers[0], { pinned: true })).pinned).toBe(true)
  expect(await chatIds(alice)).toEqual([a, c, b])
  const first = await ok<Chats>('listChats', { query: { limit: 1 } }, { as: alice })
  const rest = await chatIds(alice, { cursor: first.nextCursor ?? '' })
  expect([first.items[0]?.id, ...rest]).toEqual([a, c, b])
})

test('a new message unarchives a chat unless the chat is muted', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'one')
  await delivered(alice, bob)
  expect((await update(bob, alice, { archived: true })).archived).toBe(true)
  await send(alice, bob, 'two')
  await delivered(alice, bob)
  expect((await chat(bob, alice)).archived).toBe(false)

  const mutedUntil = '2099-01-01T00:00:00.000Z'
  expect(await update(bob, alice, { archived: true, mutedUntil })).toMatchObject({ archived: true, mutedUntil })
  await send(alice, bob, 'three')
  await delivered(alice, bob)
  expect(await chat(bob, alice)).toMatchObject({ archived: true, mutedUntil })
  expect((await update(bob, alice, { mutedUntil: null })).mutedUntil).toBeNull()
})

test('a chat marked as unread stays unread until it is read', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'one')
  await delivered(alice, bob)
  await markRead(bob, alice, message)
  expect(await update(bob, alice, { markedUnread: true })).toMatchObject({ markedUnread: true, unreadCount: 0 })
  expect((await markRead(bob, alice, message)).markedUnread).toBe(false)
  const next = await send(alice, bob, 'two')
  await delivered(alice, bob)
  expect(await update(bob, alice, { markedUnread: true })).toMatchObject({ markedUnread: true, unreadCount: 1 })
  expect(await markRead(bob, alice, next)).toMatchObject({ markedUnread: false, unreadCount: 0 })
  await update(bob, alice, { markedUnread: true })
  await clear(bob, alice)
  expect((await chat(bob, alice)).markedUnread).toBe(false)
})

test('settings need an existing chat, and an error names the wrong field', async () => {
  const [alice, bob] = await pair()
  const params = { chatId: bob.id }
  await refused('updateChat', 'chat_not_found', { params, body: { pinned: true } }, { as: alice })
  await refused('clearChat', 'chat_not_found', { params }, { as: alice })
  await send(alice, bob, 'one')
  const { body } = await refused(
    'updateChat',
    'invalid_request',
    { params, body: { mutedUntil: 'never' } },
    { as: alice },
  )
  expect(body.errors?.[0]?.pointer).toBe('/mutedUntil')
})

describe('clearing a chat', () => {
  test('removes its messages from one side, and the chat from the list until the next message', async () => {
    const [alice, bob] = await pair()
    const first = await send(alice, bob, 'first')
    await send(alice, bob, 'second')
    await delivered(alice, bob)
    for (let n = 0; n < 2; n++) expect((await clear(bob, alice)).status).toBe(204)
    expect(await chatIds(bob)).toEqual([])
    expect((await list(bob, alice)).items).toEqual([])
    expect(await chat(bob, alice)).toMatchObject({ unreadCount: 0, lastMessage: null })
    const params = { chatId: alice.id, messageId: first.id }
    await refused('getMessage', 'message_not_found', { params }, { as: bob })
    await refused('deleteMessage', 'message_not_found', { params }, { as: bob })
    expect((await list(alice, bob)).items).toHaveLength(2)

    await send(alice, bob, 'third')
    await delivered(alice, bob)
    expect(await chatIds(bob)).toEqual([alice.id])
    expect((await list(bob, alice)).items.map(({ text }) => text)).toEqual(['third'])
    expect((await chat(bob, alice)).unreadCount).toBe(1)
  })

  test('does not stop a message in transit from arriving, on either side', async () => {
    const [alice, bob] = await pair()
    const [faults, removeFaults] = injectFaults(() => 'dropped')
    try {
      await send(alice, bob, 'on its way')
      // Bob's own message has a later id than the one that he has yet to receive.
      await send(bob, alice, 'mine')
      await clear(bob, alice)
      await clear(alice, bob)
      faults.next = () => 'none'
      await ringUntilDelivered([alice.id, bob.id])
      expect((await list(bob, alice)).items.map(({ text }) => text)).toEqual(['on its way'])
      expect((await list(alice, bob)).items.map(({ text }) => text)).toEqual(['mine'])
      expect(await chat(bob, alice)).toMatchObject({ unreadCount: 1, lastMessage: { text: 'on its way' } })
    } finally {
      removeFaults()
    }
  })

  test('keeps the message that a retry returns', async () => {
    const [alice, bob] = await pair()
    const body = { clientMessageId: 'once', text: 'hello' }
    const first = await call<{ id: string }>('sendMessage', { params: { chatId: bob.id }, body }, { as: alice })
    await clear(alice, bob)
    const again = await call<{ id: string }>('sendMessage', { params: { chatId: bob.id }, body }, { as: alice })
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
  })
})
