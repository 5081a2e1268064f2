import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { changedMessagesAfter } from '../../objects/mailbox/tables/shown-message'
import type { Changes } from '../../schemas/changes'
import { limits } from '../../src/core/limits'
import { ok, refused } from '../support/call'
import { delivered, edit, markRead, pair, react, remove, send } from '../support/chat-calls'
import { alterMailbox, inMailbox, stubOf } from '../support/delivery-faults'
import { messageRows } from '../support/scale-rows'
import { fillChats } from '../support/scale-world'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const changes = (user: TestUser, query: { cursor?: string; from?: 'now'; limit?: number } = {}) =>
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

describe('a full copy', () => {
  /** Old notes to self, and as many in between that were hidden or cleared. */
  async function fill(user: TestUser, count: number, hidden: string) {
    await inMailbox(
      user.id,
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
       INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
       SELECT '${user.id}', printf('msg_00%024d', i), 100 + i, 1, 'old', 0, ${hidden}, 0 FROM n`,
    )
    await inMailbox(user.id, `UPDATE chats SET seq = ${count + 200} WHERE peer_id = '${user.id}'`)
    await evictDurableObject(stubOf(user.id))
  }

  const isEmpty = ({ messages, removed, chats, contacts, blocks, sessions, me }: Changes) =>
    [messages, removed, chats, contacts, blocks, sessions].every((list) => list.length === 0) && me === null

  test('has no empty pages where messages were hidden, and tells of none of them', async () => {
    const user = await newUser()
    await send(user, user, 'first')
    await fill(user, 5_000, 'i % 2_500 <> 0')
    const pages = await follow(user, undefined, 200)
    expect(pages.filter(isEmpty)).toEqual([])
    expect(pages.length).toBe(1)
    expect(pages.flatMap(({ removed }) => removed)).toEqual([])
    expect(pages.flatMap(({ messages }) => messages.map(({ text }) => text))).toEqual(['first', 'old', 'old'])
  })

  test('has hardly any empty page where a chat was cleared', async () => {
    const user = await newUser()
    await send(user, user, 'first')
    await fill(user, 2 * limits.changesRowsReadMax + 5_000, '0')
    await ok('clearChat', { params: { chatId: user.id } }, { as: user })
    await send(user, user, 'last')
    const pages = await follow(user, undefined, 200)
    expect(pages.filter(isEmpty).length).toBeLessThanOrEqual(2)
    expect(pages.length).toBeLessThanOrEqual(3)
    expect(pages.flatMap(({ messages }) => messages.map(({ text }) => text))).toEqual(['last'])
    // Or the alarm would be emptying them while another test counts rows.
    await inMailbox(user.id, 'DELETE FROM clearings')
  })

  test('tells what was hidden after it began, and a client from before of everything', async () => {
    const user = await newUser()
    const notes = []
    for (let n = 0; n < 6; n++) notes.push(await send(user, user, `${n}`))
    const before = (await follow(user)).at(-1)?.cursor
    const [a, b, c, d, e, f] = notes
    if (!a || !b || !c || !d || !e || !f) throw new Error('There are no notes')
    await remove(user, user, a, 'me')
    const first = await changes(user, { limit: 5 })
    expect(first).toMatchObject({ reset: true, hasMore: true, removed: [] })
    expect(first.messages.map(({ id }) => id)).toEqual(expect.arrayContaining([b.id]))
    await remove(user, user, b, 'me')
    await remove(user, user, f, 'me')
    const rest = await follow(user, first.cursor)
    expect(rest.flatMap(({ reset }) => reset)).not.toContain(true)
    const removed = rest.flatMap((page) => page.removed.map(({ messageId }) => messageId))
    expect(removed).toEqual([b.id, f.id])
    const held = [first, ...rest].flatMap(({ messages }) => messages.map(({ id }) => id))
    expect(held.filter((id) => !removed.includes(id))).toEqual([c.id, d.id, e.id])
    const told = (await follow(user, before)).flatMap((page) => page.removed.map(({ messageId }) => messageId))
    expect(told).toEqual([a.id, b.id, f.id])
  })
})

test('chats that changed all come, once each and in order, whatever the size of a page', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'hello')
  await delivered(alice, bob)
  await fillChats(alice, 60)
  await alterMailbox(
    alice.id,
    `UPDATE chats SET seq = seq + place FROM (SELECT peer_id AS id, row_number() OVER () AS place FROM chats)
     WHERE id = peer_id`,
  )
  const inMailboxOrder = await inMailbox<{ peer_id: string }>(alice.id, 'SELECT peer_id FROM chats ORDER BY seq')
  for (const limit of [1, 7, 60, 200]) {
    const pages = await follow(alice, undefined, limit)
    const ids = pages.flatMap((page) => page.chats.map(({ id }) => id))
    expect(ids, `pages of ${limit}`).toEqual(inMailboxOrder.map(({ peer_id }) => peer_id))
    for (const page of pages) expect(page.chats.length).toBeLessThanOrEqual(limit)
  }
})

describe('a start from now', () => {
  test('tells nothing of before and everything after, as a full copy would', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    await send(alice, bob, 'before')
    await delivered(alice, bob)
    const start = await changes(alice, { from: 'now', limit: 1 })
    const nothing = {
      messages: [],
      chats: [],
      removed: [],
      contacts: [],
      blocks: [],
      sessions: [],
      left: [],
      complete: true,
      me: null,
    }
    expect(start).toEqual({ ...nothing, reset: true, hasMore: false, cursor: expect.any(String) })

    const copied = (await follow(alice)).at(-1)
    const sent = await send(bob, alice, 'after')
    await delivered(alice, bob)
    const after = await changes(alice, { from: 'now', cursor: start.cursor })
    expect(after.messages.map(({ id }) => id)).toEqual([sent.id])
    expect(after).toEqual(await changes(alice, { cursor: copied?.cursor ?? '' }))
  })

  test('is what a cursor from another life of the mailbox comes to', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    const { cursor } = await changes(alice, { from: 'now' })
    await send(alice, bob, 'hello')
    await alterMailbox(alice.id, `DELETE FROM meta WHERE key = 'epoch'`)
    const page = await changes(alice, { from: 'now', cursor })
    expect(page).toMatchObject({ reset: true, messages: [], hasMore: false })
    expect(await changes(alice, { cursor: page.cursor })).toMatchObject({ reset: false, messages: [], hasMore: false })
  })

  test.each(['', 'later', 'NOW'])('from %j is refused', async (from) => {
    await refused('listChanges', 'invalid_request', { query: { from } }, { as: await newUser() })
  })
})

describe('a cursor', () => {
  test('is never too old, and one from another life of the mailbox means a full copy', async () => {
    const [alice, bob] = await pair()
    const { cursor } = await changes(alice)
    for (let n = 0; n < 5; n++) await send(alice, bob, `${n}`)
    expect((await follow(alice, cursor)).flatMap(({ messages }) => messages)).toHaveLength(5)
    const latest = (await changes(alice)).cursor
    await alterMailbox(alice.id, `DELETE FROM meta WHERE key = 'epoch'`)
    const copy = await changes(alice, { cursor: latest })
    expect(copy).toMatchObject({ reset: true, hasMore: false })
    expect(copy.messages).toHaveLength(5)
  })

  test('ahead of the mailbox means a full copy', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'hello')
    await delivered(alice, bob)
    const { cursor } = await changes(alice)
    const [epoch = '', seq = 0]: [string, number] = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const ahead = Buffer.from(JSON.stringify([epoch, seq + 1])).toString('base64url')
    const copy = await changes(alice, { cursor: ahead })
    expect(copy).toMatchObject({ reset: true, cursor })
    expect(copy.messages).toHaveLength(1)
  })

  test('is read without writing a row, from the first poll on', async () => {
    const alice = await newUser()
    const poll = async () => {
      for (let polls = 0; polls < 3; polls++) await changes(alice)
    }
    const { written, statements } = await countRows(alice.id, poll, { isAlone: true })
    expect(written).toBe(0)
    expect(statements).toBeGreaterThan(0)
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
const longest = (character: string) => `a${character.repeat(15_999)}`

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

test('long messages are read only as far as a page holds them, and all of them come', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'the first')
  await delivered(ana, ben)
  const long = { count: 60, seq: '1000 + i', text: `printf('%060000d', i)` }
  await inMailbox(ana.id, messageRows(ben.id, long))
  await alterMailbox(ana.id, 'UPDATE chats SET seq = 2000')
  const first = await runInDurableObject(stubOf(ana.id), (_, { storage }) =>
    changedMessagesAfter(storage.sql, 1_000, 200),
  )
  expect(first.isCut).toBe(true)
  expect(first.rows.length).toBeLessThan(20)
  const found = (await follow(ana, undefined, 200))
    .flatMap(({ messages }) => messages)
    .flatMap(({ id, text }) => (text.length === 60_000 ? id : []))
  expect(new Set(found).size).toBe(60)
  expect(found).toHaveLength(60)
})
