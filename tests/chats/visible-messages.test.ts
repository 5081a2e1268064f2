import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import { migrate } from '../../objects/durable/migrate'
import type { Mailbox } from '../../objects/mailbox'
import { type ChatRow, newChat } from '../../objects/mailbox/tables/chats'
import * as withAttachments from '../../objects/mailbox/tables/messages-with-attachments'
import { migrations } from '../../objects/mailbox/tables/migrations'
import { schema } from '../../objects/mailbox/tables/schema'
import {
  after,
  afterAll,
  before,
  latestVisibleId,
  past,
  skipMessage,
} from '../../objects/mailbox/tables/visible-messages'
import { list, pair, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { type Random, random as randomFrom } from '../support/random'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

const idOf = (n: number) => `msg_00${String(n).padStart(24, '0')}`

/** One chat in tables of its own, changed as the code of any version changes them. */
class Chat {
  readonly #sql: SqlStorage
  #row: ChatRow = newChat('usr_peer', null)

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#save({})
  }

  #save(change: Partial<ChatRow>) {
    this.#row = { ...this.#row, ...change }
    const columns = Object.keys(this.#row)
    this.#sql.exec(
      `INSERT OR REPLACE INTO chats (${columns.join()}) VALUES (${columns.map(() => '?').join()})`,
      ...Object.values(this.#row),
    )
  }

  insert(id: string, mine: number, attachments: string | null) {
    this.#sql.exec(
      `INSERT INTO messages (chat_id, id, seq, mine, text, attachments, created_at, hidden, refused)
       VALUES (?, ?, 0, ?, '', ?, 0, 0, 0)`,
      this.#row.peer_id,
      id,
      mine,
      attachments,
    )
    const [stored] = this.#sql.exec<ChatRow>('SELECT * FROM chats').toArray()
    if (stored) this.#row = stored
    this.#save({
      greatest_id: id > this.#row.greatest_id ? id : this.#row.greatest_id,
      ...(mine ? { own_id: id } : { peer_own_id: id }),
    })
  }

  hide(id: string) {
    this.#save(skipMessage(this.#sql, this.#row, id))
    this.#sql.exec('UPDATE messages SET hidden = 1 WHERE id = ?', id)
  }

  clear() {
    const { own_id, peer_own_id, greatest_id } = this.#row
    this.#save({ cleared_own_id: own_id, cleared_peer_id: peer_own_id, visible_from: past(greatest_id) })
  }

  /** As the alarm does it, some time after a clearing. */
  empty() {
    const { cleared_own_id, cleared_peer_id } = this.#row
    this.#sql.exec(
      'UPDATE messages SET attachments = NULL WHERE id <= iif(mine, ?, ?)',
      cleared_own_id,
      cleared_peer_id,
    )
  }

  #visible(attachments: '' | 'AND attachments IS NOT NULL'): string[] {
    return this.#sql
      .exec<{ id: string }>(
        `SELECT id FROM messages WHERE hidden = 0 AND id > iif(mine, ?, ?) ${attachments} ORDER BY id`,
        this.#row.cleared_own_id,
        this.#row.cleared_peer_id,
      )
      .toArray()
      .map(({ id }) => id)
  }

  get visible(): string[] {
    return this.#visible('')
  }

  get attached(): string[] {
    return this.#visible('AND attachments IS NOT NULL')
  }

  get peerOwnId(): string {
    return this.#row.peer_own_id
  }

  before = (id: string, limit: number) => before(this.#sql, this.#row, id, limit).map((row) => row.id)
  after = (id: string, limit: number) => after(this.#sql, this.#row, id, limit).map((row) => row.id)
  attachedBefore = (id: string, limit: number) =>
    withAttachments.before(this.#sql, this.#row, id, limit).map((row) => row.id)
  attachedAfter = (id: string, limit: number) =>
    withAttachments.after(this.#sql, this.#row, id, limit).map((row) => row.id)
  latest = () => latestVisibleId(this.#sql, this.#row)
}

/** Own messages come at the end; the peer's after those they have sent, which can be far below. */
function step(chat: Chat, random: Random, end: number) {
  const { visible } = chat
  const kind = random.below(100)
  const attachments = random.below(3) === 0 ? '[]' : null
  if (kind < 25) return chat.insert(idOf(end), 1, attachments)
  if (kind < 45) {
    // Odd numbers are the peer's.
    const last = chat.peerOwnId === '' ? -1 : Number(chat.peerOwnId.slice(6))
    return chat.insert(idOf(last + 2 + 2 * random.below(Math.floor((end - last - 1) / 2))), 0, attachments)
  }
  if (kind < 96) {
    const id = visible[random.below(visible.length)]
    if (id) chat.hide(id)
    return
  }
  if (kind < 98) return chat.empty()
  chat.clear()
}

const firstBefore = (ids: string[], anchor: string, limit: number) =>
  ids
    .filter((id) => id < anchor)
    .toReversed()
    .slice(0, limit)

const firstAfter = (ids: string[], anchor: string, limit: number) => ids.filter((id) => id > anchor).slice(0, limit)

function compare(chat: Chat, random: Random, end: number) {
  const { visible, attached } = chat
  const anchor = idOf(random.below(end + 4))
  const limit = random.between(1, 5)
  expect(chat.before(anchor, limit)).toEqual(firstBefore(visible, anchor, limit))
  expect(chat.after(anchor, limit)).toEqual(firstAfter(visible, anchor, limit))
  expect(chat.attachedBefore(anchor, limit)).toEqual(firstBefore(attached, anchor, limit))
  expect(chat.attachedAfter(anchor, limit)).toEqual(firstAfter(attached, anchor, limit))
  expect(chat.before(afterAll, 1_000)).toEqual(visible.toReversed())
  expect(chat.latest()).toBe(visible.at(-1) ?? '')
}

test('a page has exactly the visible messages, or those with attachments, whatever was hidden, cleared, or late', async () => {
  for (let seed = 1; seed <= 8; seed++)
    await runInDurableObject(stubOf(`usr_pages_${seed}`), (_, { storage }) => {
      migrate(storage, { migrations, schema }, 0)
      const chat = new Chat(storage.sql)
      const random = randomFrom(seed)
      for (let n = 1; n <= 100; n++) {
        step(chat, random, 4 * n)
        compare(chat, random, 4 * n)
      }
    })
})

const old = (user: TestUser, chatId: string, count: number, hidden: string) =>
  inMailbox(
    user.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
     SELECT '${chatId}', printf('msg_00%024d', i), -i, 0, 'old', 0, ${hidden}, 0 FROM n`,
  )

const hideOld = (user: TestUser, chatId: string, numbers: number[]) =>
  runInDurableObject(stubOf(user.id), (mailbox: Mailbox) => {
    for (const n of numbers)
      mailbox.deleteMessage({ sessionId: user.sessionId, step: null, origin: '' }, chatId, idOf(n), 'me')
  })

const pageCost = async (user: TestUser, chatId: string, query: Record<string, string | number>) =>
  (await countRows(user.id, () => list(user, { id: chatId }, query))).read

describe('messages that were hidden one by one', () => {
  test.each([
    ['from the newest on', (n: number, count: number) => count - n],
    ['from the oldest on', (n: number) => n + 2],
    ['in no order', (n: number, count: number) => ((n * 11) % (count - 1)) + 2],
  ])('%s are not read by any page', async (_, nth) => {
    const costs: number[][] = []
    for (const count of [50, 600]) {
      const user = await newUser()
      await send(user, user, 'the last')
      await old(user, user.id, count, '0')
      await hideOld(user, user.id, [...new Set(Array.from({ length: count - 2 }, (_, n) => nth(n, count)))])
      const left = await list(user, user)
      expect(left.items.length).toBeLessThanOrEqual(3)
      const middle = idOf(count / 2)
      costs.push([
        await pageCost(user, user.id, {}),
        await pageCost(user, user.id, { before: middle }),
        await pageCost(user, user.id, { after: middle }),
        await pageCost(user, user.id, { around: middle }),
      ])
    }
    const [small = [], large = []] = costs
    expect(large.map((cost, n) => cost - (small[n] ?? 0)).every((more) => Math.abs(more) <= 5)).toBe(true)
  })

  test('before pages skipped them are skipped from the next wake on', async () => {
    const user = await newUser()
    const last = await send(user, user, 'the last')
    await old(user, user.id, 20_000, 'i > 1')
    await inMailbox(
      user.id,
      `DROP TRIGGER messages_below_visible; DROP TRIGGER messages_in_hidden_run; DROP TABLE hidden_runs;
       DELETE FROM migrations WHERE id = ${migrations.findIndex((one) => one.includes('CREATE TABLE hidden_runs'))}`,
    )
    await evictDurableObject(stubOf(user.id))
    expect((await list(user, user)).items.map(({ id }) => id)).toEqual([last.id, idOf(1)])
    expect(await pageCost(user, user.id, {})).toBeLessThan(20)
  })
})

test('a message that an older version of the code inserts among cleared ones is listed', async () => {
  const [alice, bob] = await pair()
  const first = await send(alice, bob, 'first')
  await old(alice, bob.id, 20, '0')
  await runInDurableObject(stubOf(alice.id), (mailbox: Mailbox) => {
    mailbox.clearChat({ sessionId: alice.sessionId, step: null, origin: '' }, bob.id)
  })
  const late = idOf(15).replace('msg_00', 'msg_01')
  expect(late < first.id).toBe(true)
  await inMailbox(
    alice.id,
    `INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
     VALUES ('${bob.id}', '${late}', 1000, 0, 'late', 0, 0, 0)`,
  )
  await evictDurableObject(stubOf(alice.id))
  expect((await list(alice, bob)).items.map(({ id }) => id)).toEqual([late])
})
