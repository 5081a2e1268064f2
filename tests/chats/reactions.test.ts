import { expect, test } from 'vitest'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { ok, refused } from '../support/call'
import { delivered, get, list, pair, react, remove, send } from '../support/chat-calls'
import { alterMailbox } from '../support/delivery-faults'
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
  const two = expect.toSatisfy((ids: string[]) => ids.length === 2)
  const thumbs = { emoji: '👍', count: 2, own: true, userIds: two }
  for (const [user, peer] of [
    [alice, bob],
    [bob, alice],
  ] as const)
    expect((await get(user, peer, message)).reactions).toEqual(
      expect.arrayContaining([thumbs, { emoji: '👩🏽‍🚀', count: 1, own: user === bob, userIds: [bob.id] }]),
    )
  await takeBack(bob, alice, message, '👍')
  await takeBack(bob, alice, message, '👍')
  await delivered(alice, bob)
  expect((await get(alice, bob, message)).reactions).toEqual(
    expect.arrayContaining([{ emoji: '👍', count: 1, own: true, userIds: [alice.id] }]),
  )
})

test('a reaction to your own message is delivered with it', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await react(alice, bob, message, '🎉')
  await delivered(alice, bob)
  expect((await list(bob, alice)).items[0]?.reactions).toEqual([
    { emoji: '🎉', count: 1, own: false, userIds: [alice.id] },
  ])
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

/** The emoji of a message as each side shows them, with their users. */
async function shown(alice: TestUser, bob: TestUser, message: Message) {
  await delivered(alice, bob)
  const [atAlice, atBob] = [await get(alice, bob, message), await get(bob, alice, message)]
  const alike = ({ reactions }: Message) => reactions.map(({ own: _, ...rest }) => rest)
  expect(alike(atAlice)).toEqual(alike(atBob))
  return atAlice.reactions.map(({ emoji, userIds }) => [emoji, ...userIds])
}

test('reactions are in one order on both sides: by when an emoji first came', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await delivered(alice, bob)
  for (const emoji of ['👍', '🎉', '😂']) await react(bob, alice, message, emoji)
  await delivered(alice, bob)
  await react(alice, bob, message, '😂')
  expect(await shown(alice, bob, message)).toEqual([
    ['👍', bob.id],
    ['🎉', bob.id],
    ['😂', bob.id, alice.id],
  ])
  await react(alice, bob, message, '❤️')
  await delivered(alice, bob)
  await takeBack(bob, alice, message, '👍')
  await react(bob, alice, message, '👍')
  expect(await shown(alice, bob, message)).toEqual([
    ['🎉', bob.id],
    ['😂', bob.id, alice.id],
    ['❤️', alice.id],
    ['👍', bob.id],
  ])
})

test('reactions that cross, and those that had no time, are in one order on both sides', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await delivered(alice, bob)
  await Promise.all(
    ['👍', '🎉', '😂', '❤️', '🚀'].flatMap((emoji) => [
      react(alice, bob, message, emoji),
      react(bob, alice, message, emoji),
    ]),
  )
  expect(await shown(alice, bob, message)).toHaveLength(5)
  for (const user of [alice, bob])
    await alterMailbox(
      user.id,
      `UPDATE messages SET peer_reacted_at = NULL, own_reactions = (SELECT json_group_array(json_remove(value, '$.at')) FROM json_each(own_reactions))`,
    )
  expect(await shown(alice, bob, message)).toHaveLength(5)
  await takeBack(alice, bob, message, '👍')
  await takeBack(bob, alice, message, '👍')
  await react(bob, alice, message, '👍')
  expect((await shown(alice, bob, message)).at(-1)).toEqual(['👍', bob.id])
})
