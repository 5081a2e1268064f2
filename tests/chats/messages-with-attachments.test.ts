import { evictDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import type { File } from '../../schemas/file'
import type { Message, Messages } from '../../schemas/message'
import { ok, refused } from '../support/call'
import { delivered, edit, chat as getChat, list, pair, remove, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const upload = (user: TestUser) =>
  ok<File>('uploadFile', { raw: 'bytes', headers: { 'Content-Type': 'text/plain' } }, { as: user })

async function sendFile(from: TestUser, to: TestUser, text: string): Promise<Message> {
  const { id } = await upload(from)
  return send(from, to, text, { attachmentFileIds: [id] })
}

const attached = (user: TestUser, peer: { id: string }, query: Record<string, string | number> = {}) =>
  list(user, peer, { hasAttachments: 'true', ...query })

const texts = ({ items }: Messages) => items.map(({ text }) => text)

/** Four messages with a file each, and others between and around them. Returns all of them. */
async function gallery(alice: TestUser, bob: TestUser) {
  const sent: Message[] = []
  for (const name of ['one', 'two', 'three', 'four']) {
    sent.push(await send(alice, bob, `before ${name}`))
    sent.push(await sendFile(alice, bob, name))
  }
  sent.push(await send(alice, bob, 'the last'))
  await delivered(alice, bob)
  return sent
}

describe('the messages with attachments of a chat', () => {
  test('are listed alone, newest first, to both sides', async () => {
    const [alice, bob] = await pair()
    await gallery(alice, bob)
    for (const [user, peer] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      expect(texts(await attached(user, peer))).toEqual(['four', 'three', 'two', 'one'])
      expect((await list(user, peer, { hasAttachments: 'false' })).items).toHaveLength(9)
    }
  })

  test('fill pages by cursor, in both directions', async () => {
    const [alice, bob] = await pair()
    const [first] = await gallery(alice, bob)
    for (const [start, pages] of [
      [{}, [['four', 'three', 'two'], ['one']]],
      [{ after: first?.id ?? '' }, [['three', 'two', 'one'], ['four']]],
    ] as const) {
      const page = await attached(alice, bob, { limit: 3, ...start })
      const next = await attached(alice, bob, { limit: 3, cursor: page.nextCursor ?? '' })
      expect([texts(page), texts(next)]).toEqual(pages)
      expect(next.nextCursor).toBeNull()
    }
  })

  test('are found before, after and around any message, which is among them if it has attachments', async () => {
    const [alice, bob] = await pair()
    const sent = await gallery(alice, bob)
    const idOf = (text: string) => sent.find((message) => message.text === text)?.id ?? ''
    expect(texts(await attached(alice, bob, { before: idOf('before three') }))).toEqual(['two', 'one'])
    expect(texts(await attached(alice, bob, { before: idOf('three') }))).toEqual(['two', 'one'])
    expect(texts(await attached(alice, bob, { after: idOf('before three') }))).toEqual(['four', 'three'])
    expect(texts(await attached(alice, bob, { after: idOf('three') }))).toEqual(['four'])
    expect(texts(await attached(alice, bob, { around: idOf('before three'), limit: 2 }))).toEqual(['three', 'two'])
    expect(texts(await attached(alice, bob, { around: idOf('three'), limit: 3 }))).toEqual(['four', 'three', 'two'])
    const around = await attached(alice, bob, { around: idOf('the last'), limit: 2 })
    expect(texts(around)).toEqual(['four', 'three'])
    const older = await attached(alice, bob, { limit: 2, cursor: around.nextCursor ?? '' })
    expect(texts(older)).toEqual(['two', 'one'])
  })

  test('lose what is deleted, hidden or cleared, and a page goes on past it', async () => {
    const [alice, bob] = await pair()
    const sent = await gallery(alice, bob)
    const named = (text: string) => sent.find((message) => message.text === text) as Message
    await remove(alice, bob, named('four'), 'everyone')
    await remove(bob, alice, named('three'), 'me')
    await delivered(alice, bob)
    expect(texts(await attached(alice, bob, { limit: 2 }))).toEqual(['three', 'two'])
    expect(texts(await attached(bob, alice, { limit: 2 }))).toEqual(['two', 'one'])
    expect(texts(await attached(bob, alice, { after: named('two').id }))).toEqual([])
    await ok('clearChat', { params: { chatId: alice.id } }, { as: bob })
    expect(await attached(bob, alice)).toEqual({ items: [], nextCursor: null })
    await sendFile(alice, bob, 'five')
    await delivered(alice, bob)
    expect(texts(await attached(bob, alice, { before: (await list(bob, alice)).items[0]?.id ?? '' }))).toEqual([])
    expect(texts(await attached(bob, alice))).toEqual(['five'])
    expect(texts(await attached(alice, bob))).toEqual(['five', 'three', 'two', 'one'])
  })

  test('stay listed when their text is edited', async () => {
    const [alice, bob] = await pair()
    await edit(alice, await sendFile(alice, bob, 'typo'), 'text')
    await delivered(alice, bob)
    expect(texts(await attached(bob, alice))).toEqual(['text'])
  })

  test('are still refused for a chat or a message that is not there', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'hello')
    const query = { hasAttachments: 'true', before: `msg_${'0'.repeat(26)}` }
    await refused('listMessages', 'message_not_found', { params: { chatId: bob.id }, query }, { as: alice })
    await refused('listMessages', 'chat_not_found', { params: { chatId: alice.id }, query }, { as: alice })
  })
})

const numbers = (count: number) => `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`

/** Old messages of the owner, of which some have attachments. */
const fill = (user: TestUser, count: number, hasAttachments: string, hidden = '0') =>
  inMailbox(
    user.id,
    `${numbers(count)} INSERT INTO messages (chat_id, id, seq, mine, text, attachments, created_at, hidden, refused)
     SELECT '${user.id}', printf('msg_00%024d', i), -i, 1, 'old', iif(${hasAttachments}, '[]', NULL), 0, ${hidden}, 0 FROM n`,
  )

const costOf = async (user: TestUser, query: Record<string, string | number>) =>
  (await countRows(user.id, () => attached(user, user, { limit: 10, ...query }))).read

/** The oldest, one in the middle, and the newest of so many. */
const anchors = (count: number) => {
  const [low, middle, high] = [1, count / 2, count].map((n) => `msg_00${String(n).padStart(24, '0')}`)
  return { low: low ?? '', middle: middle ?? '', high: high ?? '' }
}

async function costsIn(user: TestUser, count: number): Promise<number[]> {
  const { low, middle, high } = anchors(count)
  const queries = [{}, { before: high }, { before: middle }, { after: low }, { after: middle }, { around: middle }]
  const costs: number[] = []
  for (const query of queries) costs.push(await costOf(user, query))
  return costs
}

describe('a page of them costs what is on it', () => {
  test.each([
    ['few have attachments', (count: number) => `i % ${count / 20} = 0`, '0'],
    ['all have attachments', () => '1', '0'],
    ['those with attachments are hidden, all but a few', () => 'i % 2', `i % 1000 <> 1`],
  ])('when %s', async (_, hasAttachments, hidden) => {
    const costs: number[][] = []
    for (const count of [2_000, 100_000]) {
      const user = await newUser()
      await send(user, user, 'the last')
      await fill(user, count, hasAttachments(count), hidden)
      costs.push(await costsIn(user, count))
    }
    const [small = [], large = []] = costs
    expect(Math.max(...large)).toBeLessThan(60)
    expect(large.filter((cost, n) => cost > (small[n] ?? 0) + 25)).toEqual([])
  })

  test('when a late message is below others that were cleared, and not emptied yet', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'first')
    await inMailbox(
      alice.id,
      `${numbers(20_000)} INSERT INTO messages (chat_id, id, seq, mine, text, attachments, created_at, hidden, refused)
       SELECT '${bob.id}', printf('msg_00%024d', i + 100), -i, 1, 'old', '[]', 0, 0, 0 FROM n`,
    )
    await ok('clearChat', { params: { chatId: bob.id } }, { as: alice })
    const late = `msg_00${'7'.padStart(24, '0')}`
    await inMailbox(
      alice.id,
      `INSERT INTO messages (chat_id, id, seq, mine, text, attachments, created_at, hidden, refused)
       VALUES ('${bob.id}', '${late}', 100000, 0, 'late', '[]', 0, 0, 0)`,
    )
    // The alarm stops emptying, and the mailbox reads the chat again.
    await inMailbox(alice.id, 'DELETE FROM clearings')
    await evictDurableObject(stubOf(alice.id))
    await getChat(alice, bob)
    const cost = await countRows(alice.id, async () => {
      expect((await attached(alice, bob, { limit: 10 })).items.map(({ id }) => id)).toEqual([late])
    })
    expect(cost.read).toBeLessThan(100)
  })
})
