import { describe, expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import { ok, refused } from '../support/call'
import { delivered, edit, markRead, pair, react, remove, send } from '../support/chat-calls'
import { inMailbox } from '../support/delivery-faults'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const changes = (user: TestUser, query: { cursor?: string; limit?: number } = {}) =>
  ok<Changes>('listChanges', { query }, { as: user })

/** Every page after a cursor. */
async function follow(user: TestUser, cursor?: string, limit = 3): Promise<Changes[]> {
  const pages: Changes[] = []
  for (let next = cursor; ; next = pages.at(-1)?.cursor) {
    const page = await changes(user, { limit, ...(next && { cursor: next }) })
    pages.push(page)
    if (!page.hasMore) return pages
  }
}

test('changes from the start are a full copy, and nothing more comes after its cursor', async () => {
  const [alice, bob] = await pair()
  const texts = Array.from({ length: 8 }, (_, n) => `message ${n}`)
  for (const text of texts) await send(alice, bob, text)
  await delivered(alice, bob)
  const pages = await follow(bob)
  expect(pages.map(({ reset }) => reset)).toEqual([true, ...pages.slice(1).map(() => false)])
  expect(pages.flatMap(({ messages }) => messages.map(({ text }) => text))).toEqual(texts)
  expect(pages.flatMap(({ chats }) => chats.map(({ id }) => id))).toEqual([alice.id])
  expect(pages.map(({ me }) => me?.id).filter(Boolean)).toEqual([bob.id])
  const cursor = pages.at(-1)?.cursor
  expect(await changes(bob, cursor ? { cursor } : {})).toMatchObject({
    reset: false,
    messages: [],
    chats: [],
    removed: [],
    contacts: [],
    blocks: [],
    sessions: [],
    me: null,
    hasMore: false,
    cursor,
  })
})

test('changes after a cursor contain each item once, as it is now', async () => {
  const [alice, bob] = await pair()
  const [first, second, third] = [
    await send(alice, bob, 'first'),
    await send(alice, bob, 'second'),
    await send(alice, bob, 'third'),
  ]
  await delivered(alice, bob)
  const { cursor } = await changes(bob)
  await edit(alice, first, 'first, edited')
  await edit(alice, first, 'first, edited twice')
  await remove(alice, bob, second, 'everyone')
  await remove(bob, alice, third, 'me')
  await react(bob, alice, first, '👍')
  await markRead(bob, alice, first)
  await ok('updateMe', { body: { firstName: 'Alice' } }, { as: alice })
  await ok('updateMe', { body: { firstName: 'Bob' } }, { as: bob })
  const carol = await newUser()
  await ok('blockUser', { params: { userId: carol.id } }, { as: bob })
  await ok('saveContact', { params: { userId: alice.id }, body: { name: 'Al' } }, { as: bob })
  await delivered(alice, bob)

  const page = await changes(bob, { cursor })
  expect(page.messages.map(({ id, text, deletedAt }) => [id, text, deletedAt !== null])).toEqual(
    expect.arrayContaining([
      [first.id, 'first, edited twice', false],
      [second.id, '', true],
    ]),
  )
  expect(page.messages).toHaveLength(2)
  expect(page.removed).toEqual([{ chatId: alice.id, messageId: third.id }])
  expect(page.chats).toMatchObject([{ id: alice.id, peer: { firstName: 'Alice' }, lastReadMessageId: first.id }])
  expect(page).toMatchObject({
    me: { firstName: 'Bob', phoneNumber: bob.phoneNumber },
    blocks: [{ userId: carol.id, block: { userId: carol.id } }],
    contacts: [{ userId: alice.id, contact: { name: 'Al' } }],
    hasMore: false,
  })
})

describe('a cursor', () => {
  test('is never too old, and one from another life of the mailbox means a full copy', async () => {
    const [alice, bob] = await pair()
    const { cursor } = await changes(alice)
    for (let n = 0; n < 5; n++) await send(alice, bob, `${n}`)
    expect((await follow(alice, cursor)).flatMap(({ messages }) => messages)).toHaveLength(5)
    const latest = (await changes(alice)).cursor
    await inMailbox(alice.id, `DELETE FROM meta WHERE key = 'epoch'`)
    const copy = await changes(alice, { cursor: latest })
    expect(copy).toMatchObject({ reset: true, hasMore: false })
    expect(copy.messages).toHaveLength(5)
  })

  test('ahead of the mailbox means a full copy', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'hello')
    const { cursor } = await changes(alice)
    const [epoch = '', seq = 0]: [string, number] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const ahead = Buffer.from(JSON.stringify([epoch, seq + 1])).toString('base64url')
    const copy = await changes(alice, { cursor: ahead })
    expect(copy).toMatchObject({ reset: true, cursor })
    expect(copy.messages).toHaveLength(1)
  })

  test('is read without writing a row, from the first poll on', async () => {
    const alice = await newUser()
    const rows = await countRows(alice.id, async () => {
      for (let poll = 0; poll < 3; poll++) await changes(alice)
    })
    expect(rows.written).toBe(0)
  })

  test('of nobody’s making is refused', async () => {
    const alice = await newUser()
    for (const cursor of ['nonsense', 'e30', 'WyIiLC0xXQ']) {
      const { body } = await refused('listChanges', 'invalid_request', { query: { cursor } }, { as: alice })
      expect(body.errors?.[0]?.pointer).toBe('/query/cursor')
    }
  })
})

/** The longest text allowed. */
const longest = (character: string) => character.repeat(16_000)

/** The pages of a full copy, none of them much larger than a megabyte. */
async function smallPages(user: TestUser): Promise<Changes[]> {
  const pages = await follow(user, undefined, 200)
  expect(pages.length).toBeGreaterThan(1)
  for (const page of pages) expect(new TextEncoder().encode(JSON.stringify(page)).byteLength).toBeLessThan(1_300_000)
  return pages
}

describe('pages stay near a megabyte', () => {
  test.each(['語', '\u0001'])('whatever the texts: %j', async (character) => {
    const [alice] = await pair()
    for (let n = 0; n < 40; n++) await send(alice, alice, longest(character))
    const pages = await smallPages(alice)
    expect(pages.flatMap(({ messages }) => messages)).toHaveLength(40)
  })

  test('and miss nothing where long texts were cleared', async () => {
    const [alice, bob] = await pair()
    const start = (await follow(alice, undefined, 200)).at(-1)?.cursor
    await send(alice, bob, 'hello')
    for (let n = 0; n < 70; n++) await send(alice, alice, longest('x'))
    await send(alice, bob, 'between')
    for (let n = 0; n < 70; n++) await send(alice, alice, longest('x'))
    await ok('clearChat', { params: { chatId: alice.id } }, { as: alice })
    const pages = await follow(alice, start, 200)
    expect(pages.flatMap(({ messages }) => messages.map(({ text }) => text))).toEqual(['hello', 'between'])
  })

  test('whatever the last messages of the chats', async () => {
    const alice = await newUser()
    const peers = await Promise.all(Array.from({ length: 16 }, () => newUser()))
    for (const peer of peers) await send(peer, alice, longest('\u0001'))
    await delivered(...peers)
    const pages = await smallPages(alice)
    expect(pages.flatMap(({ chats }) => chats.map(({ id }) => id)).sort()).toEqual(peers.map(({ id }) => id).sort())
  })
})
