import { expect, test } from 'vitest'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { ok, refused } from '../support/call'
import { delivered, get, list, pair, react, remove, send } from '../support/chat-calls'
import type { TestUser } from '../support/users'

const takeBack = (user: TestUser, peer: TestUser, message: Message, emoji: string) =>
  ok<Message>('removeReaction', { params: { chatId: peer.id, messageId: message.id, emoji } }, { as: user })

test('a reaction exists once per user and emoji, and both sides see it', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await delivered(alice, bob)
  for (const emoji of ['👍', '👩🏽‍🚀', '👍']) await react(bob, alice, message, emoji)
  await react(alice, bob, message, '👍')
  await delivered(alice, bob)
  const thumbs = { emoji: '👍', userIds: expect.toSatisfy((ids: string[]) => ids.length === 2) }
  for (const [user, peer] of [
    [alice, bob],
    [bob, alice],
  ] as const)
    expect((await get(user, peer, message)).reactions).toEqual(
      expect.arrayContaining([thumbs, { emoji: '👩🏽‍🚀', userIds: [bob.id] }]),
    )
  await takeBack(bob, alice, message, '👍')
  await takeBack(bob, alice, message, '👍')
  await delivered(alice, bob)
  expect((await get(alice, bob, message)).reactions).toEqual(
    expect.arrayContaining([{ emoji: '👍', userIds: [alice.id] }]),
  )
})

test('a reaction to your own message is delivered with it', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await react(alice, bob, message, '🎉')
  await delivered(alice, bob)
  expect((await list(bob, alice)).items[0]?.reactions).toEqual([{ emoji: '🎉', userIds: [alice.id] }])
})

test('deleting for everyone wins over any reaction', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await delivered(alice, bob)
  await remove(alice, bob, message, 'everyone')
  // Bob has not heard of it yet.
  await react(bob, alice, message, '👍').catch(() => {})
  await delivered(alice, bob)
  for (const [user, peer] of [
    [alice, bob],
    [bob, alice],
  ] as const)
    expect(await get(user, peer, message)).toMatchObject({ text: '', reactions: [], deletedAt: expect.any(String) })
  const input = { params: { chatId: alice.id, messageId: message.id, emoji: '👍' } }
  await refused('addReaction', 'message_deleted', input, { as: bob })
  await refused('removeReaction', 'message_deleted', input, { as: bob })
})

test.for(['x', '👍👍', '1', '<3', '👍x'])('a reaction of %s is not a single emoji', async (emoji) => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  const params = { chatId: bob.id, messageId: message.id, emoji }
  const { body } = await refused('addReaction', 'invalid_request', { params }, { as: alice })
  expect(body.errors?.[0]?.pointer).toBe('/path/emoji')
})

test('a user can add only so many different emoji to a message', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  const faces = Array.from({ length: limits.reactionsMax + 1 }, (_, n) => String.fromCodePoint(0x1f600 + n))
  for (const emoji of faces.slice(0, -1)) await react(alice, bob, message, emoji)
  const params = { chatId: bob.id, messageId: message.id, emoji: faces.at(-1) ?? '' }
  await refused('addReaction', 'reactions_full', { params }, { as: alice })
})

test('a reaction needs an existing message', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  const elsewhere = { chatId: alice.id, messageId: message.id, emoji: '👍' }
  const nowhere = { chatId: bob.id, messageId: 'msg_01KAT5Q9V6F2X4J8S0A3G5K7HB', emoji: '👍' }
  for (const operation of ['addReaction', 'removeReaction']) {
    await refused(operation, 'chat_not_found', { params: elsewhere }, { as: alice })
    await refused(operation, 'message_not_found', { params: nowhere }, { as: alice })
  }
})
