import { describe, expect, test } from 'vitest'
import type { Block } from '../../schemas/block'
import type { Changes } from '../../schemas/changes'
import type { Contact } from '../../schemas/contact'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { chat, delivered, edit, get, list, markRead, pair, react, remove, send } from '../support/chat-calls'
import { injectFaults, inMailbox, interceptCalls, ringUntilDelivered } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

const block = (user: TestUser, other: TestUser) =>
  ok<Block>('blockUser', { params: { userId: other.id } }, { as: user })
const unblock = (user: TestUser, other: TestUser) => ok('unblockUser', { params: { userId: other.id } }, { as: user })
const blocked = async (user: TestUser) =>
  (await ok<{ items: Block[] }>('listBlocks', {}, { as: user })).items.map(({ userId }) => userId)
const texts = async (user: TestUser, peer: TestUser) => (await list(user, peer)).items.map(({ text }) => text).reverse()

describe('a blocked user', () => {
  test('notices nothing: what they send is acknowledged and stays `sent`', async () => {
    const [alice, bob] = await pair()
    const before = await send(alice, bob, 'before')
    await delivered(alice, bob)
    await block(bob, alice)
    const under = await send(alice, bob, 'under')
    await delivered(alice, bob)
    expect(await get(alice, bob, under)).toMatchObject({ status: 'sent', undelivered: false })
    expect(await chat(alice, bob)).toMatchObject({ deliveredUpToMessageId: before.id, lastMessage: { text: 'under' } })
    expect(await texts(bob, alice)).toEqual(['before'])
  })

  test('never gets through what they send during the block, then or later', async () => {
    const [alice, bob] = await pair()
    const first = await send(alice, bob, 'first')
    await delivered(alice, bob)
    await block(bob, alice)
    await edit(alice, first, 'changed')
    await react(alice, bob, first, '👍')
    const under = await send(alice, bob, 'under')
    await ok('updateMe', { body: { firstName: 'Mallory' } }, { as: alice })
    await delivered(alice, bob)
    await unblock(bob, alice)
    const after = await send(alice, bob, 'after')
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['first', 'after'])
    expect((await get(bob, alice, first)).reactions).toEqual([])
    expect(await get(alice, bob, after)).toMatchObject({ status: 'delivered', undelivered: false })
    expect(await get(alice, bob, under)).toMatchObject({ status: 'sent', undelivered: true })
    // The profile is the current one, not the one from before the block.
    expect((await chat(bob, alice)).peer?.firstName).toBe('Mallory')
  })

  test('never gets a message through even when a lost reply repeats its delivery after the block is lifted', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'before')
    await delivered(alice, bob)
    await block(bob, alice)
    const [faults, removeFaults] = injectFaults(() => 'replyLost')
    try {
      const under = await send(alice, bob, 'under')
      await expect.poll(() => faults.counts.replyLost).toBeGreaterThan(0)
      await unblock(bob, alice)
      faults.next = () => 'none'
      await ringUntilDelivered([alice.id, bob.id])
      expect(await texts(bob, alice)).toEqual(['before'])
      expect(await get(alice, bob, under)).toMatchObject({ status: 'sent' })
    } finally {
      removeFaults()
    }
  })

  test('never gets through what could not even be delivered until the block is lifted', async () => {
    const [alice, bob] = await pair()
    const own = await send(alice, bob, 'own')
    const bobs = await send(bob, alice, 'of bob')
    await delivered(alice, bob)
    const [faults, removeFaults] = injectFaults(() => 'dropped')
    try {
      await block(bob, alice)
      const under = await send(alice, bob, 'under')
      await edit(alice, own, 'changed')
      await react(alice, bob, bobs, '👍')
      await ok('updateMe', { body: { firstName: 'Mallory' } }, { as: alice })
      await unblock(bob, alice)
      const after = await send(alice, bob, 'after')
      faults.next = () => 'none'
      await ringUntilDelivered([alice.id, bob.id])
      expect(await texts(bob, alice)).toEqual(['own', 'of bob', 'after'])
      expect((await get(bob, alice, bobs)).reactions).toEqual([])
      expect(await get(alice, bob, under)).toMatchObject({ status: 'sent', undelivered: true })
      expect(await get(alice, bob, after)).toMatchObject({ status: 'delivered' })
      expect((await chat(bob, alice)).peer?.firstName).toBe('Mallory')
    } finally {
      removeFaults()
    }
  })

  test('reveals nothing from that time by changing the same message later', async () => {
    const [alice, bob] = await pair()
    const own = await send(alice, bob, 'own')
    await react(alice, bob, own, '🙂')
    await delivered(alice, bob)
    await block(bob, alice)
    await edit(alice, own, 'changed')
    await react(alice, bob, own, '👍')
    await delivered(alice, bob)
    await unblock(bob, alice)
    await react(alice, bob, own, '🎉')
    await delivered(alice, bob)
    const seen = await get(bob, alice, own)
    expect(seen).toMatchObject({ text: 'own', editedAt: null })
    expect(seen.reactions.map(({ emoji }) => emoji)).toEqual(['🙂', '🎉'])
    await edit(alice, own, 'changed again')
    await delivered(alice, bob)
    expect((await get(bob, alice, own)).text).toBe('changed again')
  })

  test('stays blocked as long as it is unknown what they have sent', async () => {
    const [alice, bob] = await pair()
    await block(bob, alice)
    const removeFaults = interceptCalls(({ method, make }) =>
      method === 'feedPositionFor' ? Promise.reject(new Error('The call was lost')) : make(),
    )
    try {
      await refused('unblockUser', 'service_unavailable', { params: { userId: alice.id } }, { as: bob })
      expect(await blocked(bob)).toEqual([alice.id])
    } finally {
      removeFaults()
    }
    await unblock(bob, alice)
    expect(await blocked(bob)).toEqual([])
  })

  test('who never wrote before creates no chat', async () => {
    const [alice, bob] = await pair()
    await ok('updateMe', { body: { firstName: 'Alice' } }, { as: alice })
    await block(bob, alice)
    await send(alice, bob, 'hello')
    await delivered(alice, bob)
    await refused('getChat', 'chat_not_found', { params: { chatId: alice.id } }, { as: bob })
    await unblock(bob, alice)
    await send(alice, bob, 'again')
    await delivered(alice, bob)
    expect(await texts(bob, alice)).toEqual(['again'])
    expect((await chat(bob, alice)).peer?.firstName).toBe('Alice')
  })

  test('who never wrote before appears under their current name once they may write', async () => {
    const [alice, bob] = await pair()
    await ok('updateMe', { body: { firstName: 'Alice' } }, { as: alice })
    await block(bob, alice)
    await send(alice, bob, 'hello')
    await delivered(alice, bob)
    await unblock(bob, alice)
    await ok('updateMe', { body: { firstName: 'Alicia' } }, { as: alice })
    await delivered(alice, bob)
    await send(alice, bob, 'again')
    await delivered(alice, bob)
    expect((await chat(bob, alice)).peer?.firstName).toBe('Alicia')
  })

  test('learns nothing about what is read in the meantime', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'hello')
    await delivered(alice, bob)
    await block(bob, alice)
    await markRead(bob, alice, message)
    await unblock(bob, alice)
    await delivered(alice, bob)
    expect((await get(alice, bob, message)).status).toBe('delivered')
  })

  test('still receives what was sent before the block', async () => {
    const [alice, bob] = await pair()
    const [faults, removeFaults] = injectFaults(() => 'dropped')
    try {
      await send(bob, alice, 'before the block')
      await block(bob, alice)
      faults.next = () => 'none'
      await unblock(bob, alice)
      await ringUntilDelivered([alice.id, bob.id])
      expect(await texts(alice, bob)).toEqual(['before the block'])
    } finally {
      removeFaults()
    }
  })
})

test('you cannot send, edit, react or delete for everyone in a chat with a user you blocked', async () => {
  const [alice, bob] = await pair()
  const message = await send(alice, bob, 'hello')
  await delivered(alice, bob)
  await block(alice, bob)
  const at = { params: { chatId: bob.id, messageId: message.id } }
  const body = { clientMessageId: 'x', text: 'x' }
  await refused('sendMessage', 'blocked_by_you', { params: { chatId: bob.id }, body }, { as: alice })
  await refused('editMessage', 'blocked_by_you', { ...at, body: { text: 'x' } }, { as: alice })
  await refused('deleteMessage', 'blocked_by_you', { ...at, query: { scope: 'everyone' } }, { as: alice })
  for (const operation of ['addReaction', 'removeReaction'])
    await refused(operation, 'blocked_by_you', { params: { ...at.params, emoji: '👍' } }, { as: alice })
  expect((await remove(alice, bob, message)).status).toBe(204)
})

test('blocks are listed, can be repeated, and apply only to other users who exist', async () => {
  const [alice, bob] = await pair()
  const carol = await newUser()
  for (const user of [bob, carol, bob]) await block(alice, user)
  expect(await blocked(alice)).toEqual([bob.id, carol.id].sort())
  const first = await ok<{ nextCursor: string }>('listBlocks', { query: { limit: 1 } }, { as: alice })
  const second = await ok('listBlocks', { query: { limit: 1, cursor: first.nextCursor } }, { as: alice })
  expect(second).toMatchObject({ items: [{ userId: [bob.id, carol.id].sort()[1] }], nextCursor: null })
  await unblock(alice, bob)
  await unblock(alice, bob)
  expect(await blocked(alice)).toEqual([carol.id])
  await refused('blockUser', 'own_user', { params: { userId: alice.id } }, { as: alice })
  await refused('blockUser', 'user_not_found', { params: { userId: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC' } }, { as: alice })
})

test('contacts carry a name that their owner chose and are visible only to their owner', async () => {
  const [alice, bob] = await pair()
  const save = (body: object) => ok<Contact>('saveContact', { params: { userId: bob.id }, body }, { as: alice })
  expect(await save({ name: 'Bobby' })).toMatchObject({ userId: bob.id, name: 'Bobby' })
  expect(await save({})).toMatchObject({ name: 'Bobby' })
  expect(await save({ name: null })).toMatchObject({ name: null })
  const { items } = await ok<{ items: Contact[] }>('listContacts', {}, { as: alice })
  expect(items.map(({ userId }) => userId)).toEqual([bob.id])
  expect((await ok<{ items: Contact[] }>('listContacts', {}, { as: bob })).items).toEqual([])
  for (let n = 0; n < 2; n++)
    expect((await call('removeContact', { params: { userId: bob.id } }, { as: alice })).status).toBe(204)
  const { contacts } = await ok<Changes>('listChanges', {}, { as: alice })
  expect(contacts).toEqual([{ userId: bob.id, contact: null }])
  const nobody = { params: { userId: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC' }, body: {} }
  await refused('saveContact', 'user_not_found', nobody, { as: alice })
})

test('a user can save only so many contacts', async () => {
  const [alice, bob] = await pair()
  await inMailbox(
    alice.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${limits.contactsMax})
     INSERT INTO contacts SELECT 'usr_' || i, i, NULL, 0, 0, 0, NULL, 0 FROM n`,
  )
  await refused('saveContact', 'contacts_full', { params: { userId: bob.id }, body: {} }, { as: alice })
})
