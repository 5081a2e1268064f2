import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, test } from 'vitest'
import { addTerms, signatureOf } from '../../objects/durable/signature'
import { foldText } from '../../objects/durable/words'
import type { File } from '../../schemas/file'
import type { MessageHits } from '../../schemas/search'
import { ok, refused } from '../support/call'
import { delivered, edit, friends, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { interceptCalls, type MailboxCall } from '../support/delivery-faults'
import { addMembers, createGroup, groupOf, settle, type TestGroup } from '../support/group-calls'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

type Query = Record<string, string | number | undefined> & { cursor?: string | undefined }

const page = (as: TestUser, query: Query) => ok<MessageHits>('searchMessages', { query }, { as })

const find = async (as: TestUser, q: string, more: Query = {}) =>
  (await page(as, { q, limit: 100, ...more })).items.map(({ text }) => text)

const stubOf = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))
const inGroup = <Row extends Record<string, SqlStorageValue>>(group: TestGroup, query: string) =>
  runInDurableObject(stubOf(group), (_, { storage }) => storage.sql.exec<Row>(query).toArray())

const undo: (() => void)[] = []
afterEach(() => {
  for (const stop of undo.splice(0)) stop()
})

/** Has calls of this method be answered by something else. Returns how many were made. */
function intercept(method: string, answer: (call: MailboxCall) => Promise<unknown>) {
  const calls = { count: 0 }
  undo.push(
    interceptCalls(async (call) => {
      if (call.method !== method || !call.userId.startsWith('grp_')) return call.make()
      calls.count++
      return answer(call)
    }),
  )
  return calls
}

/** Has searches of a group hang until they are released. */
function hang(...hung: TestGroup[]) {
  let isOver = false
  const calls = intercept('searchMessages', async ({ userId, make }) => {
    while (!isOver && hung.some(({ id }) => id === userId)) await scheduler.wait(10)
    return make()
  })
  const release = () => {
    isOver = true
  }
  undo.unshift(release)
  return { calls, release }
}

/** Reads a search to its end. */
async function pagesOf(as: TestUser, query: Query, between: (page: MessageHits) => unknown = () => {}) {
  const pages: MessageHits[] = []
  for (let cursor: string | null | undefined = query.cursor; cursor !== null && pages.length < 200; ) {
    const one: MessageHits = await page(as, { ...query, cursor })
    pages.push(one)
    cursor = one.nextCursor
    await between(one)
  }
  return pages
}

const textsIn = (pages: MessageHits[]) => pages.flatMap(({ items }) => items.map(({ text }) => text))

describe('messages of a group are found', () => {
  test('by the beginnings of their words, newest first, with what matches', async () => {
    const { group, users } = await groupOf(3)
    const [ana, ben, carla] = users as [TestUser, TestUser, TestUser]
    await send(ana, group, 'Did you see the lighthouse?')
    await send(ben, group, 'Which Lighthouse')
    await send(carla, group, 'something else')
    for (const as of users) {
      const { items, nextCursor, complete } = await page(as, { q: 'LIGHTH', chatId: group.id })
      expect(items.map(({ text }) => text)).toEqual(['Which Lighthouse', 'Did you see the lighthouse?'])
      expect(items[1]).toMatchObject({
        chatId: group.id,
        senderId: ana.id,
        status: as === ana ? 'sent' : null,
        snippet: [
          { text: 'Did you see the ', isMatch: false },
          { text: 'lighth', isMatch: true },
          { text: 'ouse?', isMatch: false },
        ],
      })
      expect({ nextCursor, complete }).toEqual({ nextCursor: null, complete: true })
    }
    expect(await find(ana, 'house', { chatId: group.id })).toEqual([])
    const pages = await pagesOf(ben, { q: 'lighthouse', chatId: group.id, limit: 1 })
    expect(textsIn(pages)).toEqual(['Which Lighthouse', 'Did you see the lighthouse?'])
  })

  test('by sender, time and attachments', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const raw = { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } }
    const file = await ok<File>('uploadFile', raw, { as: ana })
    await send(ana, group, 'word with a file', { attachmentFileIds: [file.id] })
    await scheduler.wait(5)
    const second = await send(ben, group, 'word by ben')
    await scheduler.wait(5)
    await send(ana, group, 'word by ana')
    for (const chatId of [group.id, undefined]) {
      expect(await find(ana, 'word', { chatId, senderId: ben.id })).toEqual(['word by ben'])
      expect(await find(ben, 'word', { chatId, senderId: ana.id })).toEqual(['word by ana', 'word with a file'])
      expect(await find(ben, 'word', { chatId, hasAttachments: 'true' })).toEqual(['word with a file'])
      expect(await find(ben, 'word', { chatId, before: second.createdAt })).toEqual(['word with a file'])
      expect(await find(ben, 'word', { chatId, after: second.createdAt })).toEqual(['word by ana', 'word by ben'])
      const { id } = await newUser()
      expect(await find(ben, 'word', { chatId, senderId: id })).toEqual([])
    }
  })

  test('only by those who see them', async () => {
    const { group, users } = await groupOf(2, { settings: { historyVisible: 'joining' } })
    const [ana, ben] = users as [TestUser, TestUser]
    const carla = await newUser()
    await send(ana, group, 'walrus before')
    await addMembers(ana, group, [carla])
    const hidden = await send(ana, group, 'walrus hidden')
    const gone = await send(ana, group, 'walrus deleted')
    const edited = await send(ana, group, 'walrus edited away')
    await send(ana, group, 'walrus after')
    await remove(ben, group, hidden, 'me')
    await remove(ana, group, gone, 'everyone')
    await edit(ana, edited, 'seal')
    for (const chatId of [group.id, undefined]) {
      expect(await find(ana, 'walrus', { chatId })).toEqual(['walrus after', 'walrus hidden', 'walrus before'])
      expect(await find(ben, 'walrus', { chatId })).toEqual(['walrus after', 'walrus before'])
      expect(await find(carla, 'walrus', { chatId })).toEqual(['walrus after', 'walrus hidden'])
    }
    await ok('clearChat', { params: { chatId: group.id } }, { as: ben })
    await send(ana, group, 'walrus again')
    for (const chatId of [group.id, undefined]) expect(await find(ben, 'walrus', { chatId })).toEqual(['walrus again'])
    await ok('leaveGroup', { params: { groupId: group.id } }, { as: ben })
    expect(await find(ben, 'walrus')).toEqual([])
    for (const as of [ben, await newUser()])
      await refused('searchMessages', 'chat_not_found', { query: { q: 'walrus', chatId: group.id } }, { as })
  })

  test('not by somebody who was removed and does not know it yet', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await send(ana, group, 'walrus')
    expect(await find(ben, 'walrus')).toEqual(['walrus'])
    undo.push(interceptCalls((call) => (call.method === 'nudge' ? Promise.reject(new Error('lost')) : call.make())))
    await ok('removeGroupMember', { params: { groupId: group.id, userId: ben.id } }, { as: ana })
    expect(await page(ben, { q: 'walrus' })).toEqual({ items: [], nextCursor: null, complete: true })
  })

  test('with a 503 while the group does not answer', async () => {
    const { group, users } = await groupOf(1)
    const [ana] = users as [TestUser]
    intercept('searchMessages', () => Promise.reject(new Error('down')))
    const query = { q: 'word', chatId: group.id }
    await refused('searchMessages', 'service_unavailable', { query }, { as: ana })
    await refused('searchMessages', 'invalid_request', { query: { ...query, q: '...' } }, { as: ana })
  })
})

/** What the index has of texts that fit into one block. */
function signatureFor(...texts: string[]) {
  const terms = new Set<number>()
  for (const text of texts) addTerms(foldText(text), terms)
  return Buffer.from(signatureOf(terms)).toString('hex').toUpperCase()
}

const blocksOf = (group: TestGroup) =>
  inGroup<{ signature: string; rebuild_at: number | null }>(
    group,
    'SELECT hex(signature) AS signature, rebuild_at FROM search_blocks ORDER BY start',
  )

describe('the index of a group', () => {
  test('is written by the alarm, once for all', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    const fill = (count: number) =>
      runInDurableObject(stubOf(group), (_, { storage }) => {
        storage.sql.exec(
          `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
           INSERT INTO messages (id, seq, sender_id, text, created_at)
           SELECT printf('msg_00%024d', i), 1, ?, 'old ' || i, 0 FROM n`,
          count,
          ana.id,
        )
        storage.sql.exec(`UPDATE facts SET seq = 1000, search = NULL`)
        storage.sql.exec(`DELETE FROM search_blocks WHERE start <> ''`)
        storage.sql.exec(`UPDATE search_blocks SET chats = '[]', signature = x'', rebuild_at = NULL`)
      })
    await settle(group)
    await fill(2_500)
    await evictDurableObject(stubOf(group))
    await send(ana, group, 'new')
    // All of them are found before the index has any.
    expect(textsIn(await pagesOf(ben, { q: 'old', chatId: group.id, limit: 100 }))).toHaveLength(2_500)
    for (let n = 0; n < 10; n++) await later(3_600, () => runDurableObjectAlarm(stubOf(group)))
    const blocks = await blocksOf(group)
    expect(blocks.length).toBeGreaterThanOrEqual(2_500 / 64)
    expect(blocks.every(({ rebuild_at }) => rebuild_at === null)).toBe(true)
    expect(textsIn(await pagesOf(ben, { q: 'old', chatId: group.id, limit: 100 }))).toHaveLength(2_500)
    expect(await find(ben, '1234', { chatId: group.id })).toEqual(['old 1234'])
    const { written } = await countRows(stubOf(group), () => find(ben, '1234', { chatId: group.id }), { isAlone: true })
    expect(written).toBe(0)
  })

  test('forgets within a minute what was edited away or deleted', async () => {
    const { group, users } = await groupOf(2)
    const [ana] = users as [TestUser, TestUser]
    const first = await send(ana, group, 'a secret')
    const second = await send(ana, group, 'another secret')
    await find(ana, 'secret')
    const signatures = async () => (await blocksOf(group)).map(({ signature }) => signature)
    expect(await signatures()).toEqual([signatureFor('a secret', 'another secret')])
    await edit(ana, first, 'changed')
    await remove(ana, group, second, 'everyone')
    expect(await signatures()).toEqual([signatureFor('a secret', 'another secret')])
    const alarmAt = await runInDurableObject(stubOf(group), (_, { storage }) => storage.getAlarm())
    expect(alarmAt).toBeLessThan(Date.now() + 60_000)
    await later(60, async () => {
      await runDurableObjectAlarm(stubOf(group))
    })
    expect(await signatures()).toEqual([signatureFor('changed')])
  })
})

/** Groups that a user is in, each with the messages that have these texts. */
async function groupsWith(owner: TestUser, count: number, text: (group: number) => string) {
  const groups: TestGroup[] = []
  for (let n = 0; n < count; n++) {
    const { chat } = await createGroup(owner)
    await send(owner, { id: chat.id }, text(n))
    groups.push({ id: chat.id })
  }
  await ok('listChats', {}, { as: owner })
  return groups
}

describe('a search in all chats', () => {
  test('merges chats and groups, and returns every hit once while messages arrive', async () => {
    const [ana, ben] = await friends()
    const groups = await groupsWith(ana, 4, (n) => `walrus ${n}`)
    const expected = ['walrus 0', 'walrus 1', 'walrus 2', 'walrus 3']
    for (let n = 4; n < 24; n++) {
      const text = `walrus ${n}`
      await send(ana, n % 5 === 4 ? ben : (groups[n % 5] ?? ben), text)
      expected.push(text)
    }
    expected.reverse()
    for (const limit of [1, 2, 5, 100]) {
      let sent = 0
      const pages = await pagesOf(ana, { q: 'walrus', limit }, async () => {
        if (++sent <= 3) await send(ana, groups[sent % 4] ?? ben, 'walrus later')
      })
      expect(
        textsIn(pages).filter((text) => text !== 'walrus later'),
        `limit ${limit}`,
      ).toEqual(expected)
      expect(pages.every(({ complete }) => complete)).toBe(true)
    }
    await delivered(ana, ben)
    expect(await find(ben, 'walrus')).toHaveLength(4)
  })

  test('asks few of many groups for what the newest have', async () => {
    const ana = await newUser()
    const groups = await groupsWith(ana, 24, (n) => `walrus ${n}`)
    for (let n = 0; n < 10; n++) await send(ana, groups[3] as TestGroup, `walrus again ${n}`)
    await ok('listChats', {}, { as: ana })
    // Whichever answers first lets the next be asked: here it is the one with the newest.
    const newest = Promise.withResolvers<void>()
    const calls = intercept('searchMessages', async ({ userId, make }) => {
      if (userId !== groups[3]?.id) await newest.promise
      const answer = await make()
      newest.resolve()
      return answer
    })
    const first = await page(ana, { q: 'walrus', limit: 5 })
    expect(first.items[0]?.text).toBe('walrus again 9')
    expect(calls.count).toBeLessThanOrEqual(16)
    calls.count = 0
    const second = await page(ana, { q: 'walrus', limit: 5, cursor: first.nextCursor ?? '' })
    expect(second.items.at(-1)?.text).toBe('walrus again 0')
    expect(calls.count).toBeLessThanOrEqual(16)
  })

  test('asks a bounded number of groups for one page, and each group once for all pages', async () => {
    const [ana, ben, carla] = [await newUser(), await newUser(), await newUser()]
    const count = 80
    for (let n = 0; n < count; n++) {
      const owner = n % 2 === 0 ? ben : carla
      const { chat } = await createGroup(owner, [ana])
      await send(owner, { id: chat.id }, n === 0 ? 'needle' : 'hay')
    }
    await ok('listChats', {}, { as: ana })
    const calls = intercept('searchMessages', ({ make }) => make())
    const counts: number[] = []
    const pages = await pagesOf(ana, { q: 'needle' }, () => {
      counts.push(calls.count)
      calls.count = 0
    })
    expect(textsIn(pages)).toContain('needle')
    expect(Math.max(...counts)).toBeLessThanOrEqual(64 + 32)
    expect(counts.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(count * 2)
    expect(pages.length).toBeGreaterThan(1)
  })

  test('asks a group first that has changed', async () => {
    const { group, users } = await groupOf(2)
    const [ana, ben] = users as [TestUser, TestUser]
    await groupsWith(ben, 12, (n) => `walrus ${n}`)
    await settle(group)
    await send(ana, group, 'walrus new')
    await settle(group)
    expect((await page(ben, { q: 'walrus', limit: 1 })).items[0]?.text).toBe('walrus new')
  })

  test('goes on without a group that hangs, says so, and returns what it has later', async () => {
    const ana = await newUser()
    const groups = await groupsWith(ana, 6, (n) => `walrus ${n}`)
    for (let n = 6; n < 18; n++) await send(ana, groups[n % 6] as TestGroup, `walrus ${n}`)
    await ok('listChats', {}, { as: ana })
    const { release } = hang(groups[5] as TestGroup)
    const isMissed = (text: string) => Number(text.split(' ')[1]) % 6 === 5
    const began = Date.now()
    const first = await page(ana, { q: 'walrus', limit: 4 })
    expect(Date.now() - began).toBeLessThan(4_000)
    expect(first.complete).toBe(false)
    expect(first.items.map(({ text }) => text)).toEqual(['walrus 16', 'walrus 15', 'walrus 14', 'walrus 13'])
    release()
    const rest: MessageHits[] = []
    for (let cursor = first.nextCursor; cursor !== null; cursor = rest.at(-1)?.nextCursor ?? null)
      rest.push(await page(ana, { q: 'walrus', limit: 4, cursor }))
    expect(rest.every(({ complete }) => complete)).toBe(true)
    expect(rest[0]?.items.map(({ text }) => text)).toEqual(['walrus 17', 'walrus 12', 'walrus 11', 'walrus 10'])
    const all = [...textsIn([first]), ...textsIn(rest)]
    expect(all.toSorted()).toEqual(Array.from({ length: 18 }, (_, n) => `walrus ${n}`).toSorted())
    expect(all.filter(isMissed)).toHaveLength(3)
  })

  test('ends a page before the groups that did not answer when they are many', async () => {
    const ana = await newUser()
    const groups = await groupsWith(ana, 14, (n) => `walrus ${n}`)
    const { release } = hang(...groups.slice(2, 12))
    const first = await page(ana, { q: 'walrus' })
    expect(first).toMatchObject({ complete: false, nextCursor: expect.any(String) })
    release()
    const rest = await pagesOf(ana, { q: 'walrus', cursor: first.nextCursor ?? '' })
    const all = [...textsIn([first]), ...textsIn(rest)]
    expect(all.toSorted()).toEqual(Array.from({ length: 14 }, (_, n) => `walrus ${n}`).toSorted())
  })

  test('refuses a cursor that it did not make', async () => {
    const ana = await newUser()
    for (const place of ['', '/', 'msg_1', '~/x.y', 7, ['~']])
      await refused(
        'searchMessages',
        'invalid_request',
        { query: { q: 'word', cursor: Buffer.from(JSON.stringify(place)).toString('base64url') } },
        { as: ana },
      )
  })
})
