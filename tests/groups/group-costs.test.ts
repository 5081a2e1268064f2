import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import type { Chats } from '../../schemas/chat'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { get, list, send } from '../support/chat-calls'
import { addMembers, changesOf, groupOf, settle, type TestGroup } from '../support/group-calls'
import { sized } from '../support/run-size'
import { numbers } from '../support/scale-rows'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

/** The id of one of the messages that `fill` inserts. */
const oldId = (n: number) => `msg_00${String(n).padStart(24, '0')}`

const stubOf = ({ id }: TestGroup) => env.GROUP.get(env.GROUP.idFromName(id))

/** A group with so many members, none of whom is looking, and that all know to have changed. */
async function sleepingGroup(members: number) {
  const { group, users } = await groupOf(3)
  const [owner] = users
  if (!owner) throw new Error('A group has an owner')
  for (let left = members - 3; left > 0; left -= 30) {
    const more = await Promise.all(Array.from({ length: Math.min(left, 30) }, () => newUser()))
    await addMembers(owner, group, more)
    users.push(...more)
  }
  await send(owner, group, 'first')
  await settle(group)
  return { group, users, owner }
}

const messages = 20

describe('a plain text in a group', () => {
  const sizes = [3, sized(40, 300)]

  test.each(sizes)(
    'writes at most 6 rows in a group of %d members, and none in sleeping mailboxes',
    async (members) => {
      const { group, users, owner } = await sleepingGroup(members)
      const [, ben] = users as [TestUser, TestUser]
      const texts = async () => {
        for (let n = 0; n < messages; n++) await send(owner, group, `text ${n}`)
        await settle(group)
      }
      let inBen = 0
      const inGroup = await countRows(
        stubOf(group),
        async () => {
          inBen = (await countRows(ben.id, texts, { isAlone: true })).written
        },
        { isAlone: true },
      )
      expect(inGroup.written / messages).toBeLessThanOrEqual(6)
      expect(inBen).toBe(0)
    },
  )

  test('costs a member who was away for long two rows here and two in the group', async () => {
    const { group, users, owner } = await sleepingGroup(3)
    const [, ben] = users as [TestUser, TestUser]
    const look = () => ok<Chats>('listChats', {}, { as: ben })
    await look()
    const away = async () => {
      for (let n = 0; n < messages; n++) await send(owner, group, `text ${n}`)
      await settle(group)
    }
    const told = await countRows(ben.id, away, { isAlone: true })
    const back = await countRows(ben.id, look, { isAlone: true })
    expect({ told: told.written, back: back.written }).toEqual({ told: 1, back: 1 })
    const asked = await countRows(
      stubOf(group),
      async () => {
        await send(owner, group, 'again')
        await scheduler.wait(50)
      },
      { isAlone: true },
    )
    expect(asked.written).toBeLessThanOrEqual(6 + 2)
  })
})

/** Fills a group with old messages, all in the search index, and with members whose mailboxes are not called. */
async function fill(group: TestGroup, owner: TestUser, size: { messages: number; members: number }) {
  await runInDurableObject(stubOf(group), (_, { storage: { sql } }) => {
    sql.exec(
      `${numbers(size.messages)} INSERT INTO messages (id, seq, sender_id, text, created_at)
       SELECT printf('msg_00%024d', i), i, ?, 'old ' || i, 0 FROM n`,
      owner.id,
    )
    const columns = sql.exec<{ name: string }>(`SELECT name FROM pragma_table_info('members')`).toArray()
    const values: Record<string, string> = {
      user_id: `printf('usr_00%024d', i)`,
      role: `'member'`,
      hushed_at: `${Date.now()}`,
    }
    if (size.members > 0)
      sql.exec(
        `${numbers(size.members)} INSERT INTO members (${columns.map(({ name }) => name).join()})
       SELECT ${columns.map(({ name }) => values[name] ?? name).join()} FROM n, (SELECT * FROM members LIMIT 1)`,
      )
    const seq = size.messages + 1_000
    const search = JSON.stringify({ seq, dueAt: null })
    sql.exec('UPDATE facts SET seq = ?1, common_seq = ?1, told = ?1, told_common = ?1, search = ?2', seq, search)
    sql.exec('UPDATE search_blocks SET chats = NULL, signature = NULL, rebuild_at = 1')
  })
  await evictDurableObject(stubOf(group))
  const isDue = () =>
    runInDurableObject(stubOf(group), (_, { storage: { sql } }) =>
      sql.exec('SELECT 1 FROM search_blocks WHERE rebuild_at IS NOT NULL').toArray(),
    )
  while ((await isDue()).length > 0) {
    await runInDurableObject(stubOf(group), (_, { storage }) => storage.setAlarm(Date.now() + 3_600_000))
    await runDurableObjectAlarm(stubOf(group))
  }
}

describe('the rows that a group reads', () => {
  const reads: Record<string, (group: TestGroup, as: TestUser, cursor: string) => Promise<unknown>> = {
    getGroup: ({ id: groupId }, as) => ok('getGroup', { params: { groupId } }, { as }),
    'listGroupChanges after a cursor': (group, as, cursor) => changesOf(as, group, cursor),
    'listGroupChanges from the start': (group, as) => changesOf(as, group),
    listGroupMembers: ({ id: groupId }, as) =>
      ok('listGroupMembers', { params: { groupId }, query: { limit: 2 } }, { as }),
    listPins: ({ id: groupId }, as) => ok('listPins', { params: { groupId }, query: { limit: 2 } }, { as }),
    'listMessages, newest': (group, as) => list(as, group, { limit: 5 }),
    'listMessages before': (group, as) => list(as, group, { limit: 5, before: oldId(9) }),
    'listMessages after': (group, as) => list(as, group, { limit: 5, after: oldId(2) }),
    'listMessages around': (group, as) => list(as, group, { limit: 5, around: oldId(5) }),
    getMessage: (group, as) => get(as, group, { id: oldId(5) }),
    'searchMessages, found': (group, as) =>
      ok('searchMessages', { query: { q: 'old', chatId: group.id, limit: 5 } }, { as }),
    sendMessage: (group, as) => send(as, group, 'counted'),
    updateGroup: ({ id: groupId }, as) =>
      ok('updateGroup', { params: { groupId }, body: { about: `${Math.random()}` } }, { as }),
  }

  /** What is read once the group is awake and has counted what is unread. */
  async function readsOf(members: number, messages: number) {
    const { group, owner } = await sleepingGroup(3)
    await fill(group, owner, { messages, members: members - 3 })
    const { cursor } = await changesOf(owner, group)
    await send(owner, group, 'one more')
    await settle(group)
    const rows: Record<string, number> = {}
    for (const [name, read] of Object.entries(reads)) {
      await ok('getGroup', { params: { groupId: group.id } }, { as: owner })
      await ok('searchMessages', { query: { q: 'one', chatId: group.id, limit: 1 } }, { as: owner })
      rows[name] = (await countRows(stubOf(group), () => read(group, owner, cursor), { isAlone: true })).read
    }
    const nowhere = () => ok('searchMessages', { query: { q: 'nowhere', chatId: group.id } }, { as: owner })
    return { rows, nowhere: (await countRows(stubOf(group), nowhere, { isAlone: true })).read }
  }

  test('do not grow with its messages, or with its members', async () => {
    // More than a page has.
    const small = await readsOf(3, 100)
    const many = await readsOf(3, sized(20_000, 100_000))
    const large = await readsOf(1_000, 100)
    for (const [name, rows] of Object.entries(small.rows)) {
      // A block of the index has up to 64 messages, of which the last may be the one that is found.
      const more = name.startsWith('search') ? 2 * limits.searchBlockMessages : 10
      expect((many.rows[name] ?? 0) - rows, `${name}, by messages`).toBeLessThanOrEqual(more)
      expect((large.rows[name] ?? 0) - rows, `${name}, by members`).toBeLessThanOrEqual(10)
    }
    for (const { nowhere } of [small, many, large]) expect(nowhere).toBeLessThanOrEqual(3 * limits.searchBlocksMax)
  }, 120_000)
})
