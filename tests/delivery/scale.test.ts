import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import type { Chats } from '../../schemas/chat'
import { call, ok } from '../support/call'
import { chat, delivered, edit, get, list, markRead, pair, react, send } from '../support/chat-calls'
import { inMailbox } from '../support/delivery-faults'
import { countRows, type Rows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

/** Inserts messages by both authors, older than any that a test sends, directly into the tables of a mailbox. */
const fillChat = (user: TestUser, peer: TestUser, count: number) =>
  inMailbox(
    user.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
     SELECT '${peer.id}', printf('msg_00%024d', i), 0, i % 2, 'old', 0, 0, 0 FROM n`,
  )

/** The columns in which a quiet chat, with nothing due, differs from the chat it is copied from. */
const quiet: Record<string, string> = {
  peer_id: `printf('usr_00%024d', i)`,
  last_message_id: `printf('msg_00%024d', i)`,
  ...Object.fromEntries(
    ['own_id', 'pending_id', 'delivered_id', 'peer_own_id', 'peer_read_id'].map((id) => [id, `''`]),
  ),
  ...Object.fromEntries(
    ['unread_count', 'pending_count', 'revision', 'fed_revision', 'state_revision', 'fed_state_revision'].map((n) => [
      n,
      '0',
    ]),
  ),
  fed_profile_revision: '1',
}

async function fillChats(user: TestUser, count: number) {
  const columns = await inMailbox<{ name: string }>(user.id, `SELECT name FROM pragma_table_info('chats')`)
  const names = columns.map(({ name }) => name)
  await inMailbox(
    user.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO chats (${names.join()}) SELECT ${names.map((name) => quiet[name] ?? name).join()}
     FROM n, (SELECT * FROM chats LIMIT 1)`,
  )
}

const sleepAndWake = (user: TestUser) => evictDurableObject(env.MAILBOX.get(env.MAILBOX.idFromName(user.id)))

/** What each operation on a chat costs across both mailboxes. */
async function costs(alice: TestUser, bob: TestUser): Promise<Record<string, Rows>> {
  const measured: Record<string, Rows> = {}
  const measure = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const results: T[] = []
    measured[name] = await countRows(alice.id, async () => {
      results.push(await work())
      await delivered(alice, bob)
    })
    const [result] = results
    if (result === undefined) throw new Error('nothing was measured')
    return result
  }
  // The first calls load the heads of an idle mailbox.
  await chat(alice, bob)
  await chat(bob, alice)
  const { cursor } = await latest(bob)
  const message = await measure('send', () => send(alice, bob, 'new'))
  await measure('changes', () => ok('listChanges', { query: { cursor } }, { as: bob }))
  await measure('newest page', () => list(bob, alice))
  await measure('page before', () => list(bob, alice, { before: message.id, limit: 5 }))
  await measure('get', () => get(bob, alice, message))
  await measure('read', () => markRead(bob, alice, message))
  await measure('edit', () => edit(alice, message, 'edited'))
  await measure('react', () => react(bob, alice, message, '👍'))
  await measure('chats', () => ok<Chats>('listChats', {}, { as: bob }))
  await measure('unread', () => ok('getUnreadCount', {}, { as: bob }))
  await measure('clear', () => call('clearChat', { params: { chatId: bob.id } }, { as: alice }))
  return measured
}

/** The last page of changes; its cursor is past everything. */
async function latest(user: TestUser): Promise<Changes> {
  for (let page = await ok<Changes>('listChanges', { query: { limit: 200 } }, { as: user }); ; ) {
    if (!page.hasMore) return page
    page = await ok<Changes>('listChanges', { query: { limit: 200, cursor: page.cursor } }, { as: user })
  }
}

async function chatOf(messages: number, chats: number) {
  const [alice, bob] = await pair()
  await send(alice, bob, 'the first')
  await delivered(alice, bob)
  await fillChat(alice, bob, messages)
  await fillChat(bob, alice, messages)
  if (chats > 0) for (const user of [alice, bob]) await fillChats(user, chats)
  for (const user of [alice, bob]) await sleepAndWake(user)
  return costs(alice, bob)
}

const sameWithin = (rows: number) => (a: Record<string, Rows>, b: Record<string, Rows>) => {
  for (const [name, one] of Object.entries(a)) {
    const other = b[name]
    if (!other) throw new Error(`${name} was not measured twice`)
    // Whether an alarm is set depends on what ran last.
    expect(other.written - other.alarms, `${name}: rows written`).toBe(one.written - one.alarms)
    expect(Math.abs(other.read - one.read), `${name}: rows read`).toBeLessThanOrEqual(rows)
  }
}

test('every operation costs the same in a chat with 100 messages and in one with 100,000', async () => {
  const small = await chatOf(100, 0)
  const large = await chatOf(100_000, 0)
  for (const [name, { written, read }] of Object.entries(large)) console.info(name, { written, read })
  sameWithin(5)(small, large)
})

test('every operation costs the same in a mailbox with 60 chats and in one with 5,000', async () => {
  sameWithin(5)(await chatOf(100, 60), await chatOf(100, 5_000))
})

test('a mailbox that wakes loads its heads once', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'hello')
  await delivered(alice, bob)
  await fillChats(bob, 5_000)
  await sleepAndWake(bob)
  const waking = await countRows(alice.id, () => chat(bob, alice), { countsLooks: true })
  expect(waking.read).toBeGreaterThan(5_000)
  expect(waking.read).toBeLessThan(16_000)
  const awake = await countRows(alice.id, () => chat(bob, alice))
  expect(awake.read).toBeLessThan(10)
})

test('a long-quiet chat in a busy mailbox costs no more than any other', async () => {
  const [alice, bob] = await pair()
  await send(alice, bob, 'the first')
  await delivered(alice, bob)
  const carol = await newUser()
  await send(carol, bob, 'busy')
  await delivered(carol, bob)
  await fillChat(bob, carol, 50_000)
  await sleepAndWake(bob)
  await chat(bob, alice)
  const rows = await countRows(alice.id, async () => {
    await send(bob, alice, 'after a long time')
    await delivered(alice, bob)
  })
  expect(rows.read).toBeLessThan(60)
  expect(rows.written).toBeLessThanOrEqual(12)
})
