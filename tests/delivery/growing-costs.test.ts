import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { describe, expect, test } from 'vitest'
import type { Files } from '../../schemas/file'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { delivered, get, list, pair, remove, send } from '../support/chat-calls'
import { injectFaults, inMailbox, stubOf } from '../support/delivery-faults'
import { countRows } from '../support/storage-costs'
import { newUser, type TestUser } from '../support/users'

/** Puts many old messages into one side of a chat; every `mineEach`th is the owner's. */
const fill = (owner: TestUser, chatId: string, count: number, mineEach: number) =>
  runInDurableObject(stubOf(owner.id), (_, { storage }) => {
    storage.sql.exec(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
       INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
       SELECT '${chatId}', printf('msg_00%024d', i), 0, i % ${mineEach} = 0, 'old', 0, 0, 0 FROM n`,
    )
  })

const clear = (user: TestUser, chatId: string) => ok('clearChat', { params: { chatId } }, { as: user })

describe('a cleared chat', () => {
  test('costs a page what is in it, not what was cleared', async () => {
    const user = await newUser()
    await send(user, user, 'first')
    await fill(user, user.id, 20_000, 1)
    await clear(user, user.id)
    const note = await send(user, user, 'after')
    const rows = await countRows(user.id, async () => {
      expect((await list(user, user)).items.map(({ id }) => id)).toEqual([note.id])
    })
    expect(rows.read).toBeLessThan(20)
  })

  test('shows a message that was sent before the clearing and arrives after it', async () => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'first')
    await delivered(alice, bob)
    const [faults, removeFaults] = injectFaults(() => 'dropped')
    try {
      const late = await send(alice, bob, 'late')
      const own = await send(bob, alice, 'own')
      expect(own.id > late.id).toBe(true)
      await clear(bob, alice.id)
      faults.next = () => 'none'
      await delivered(alice, bob)
      expect((await list(bob, alice)).items.map(({ id }) => id)).toEqual([late.id])
    } finally {
      removeFaults()
    }
  })
})

describe('a deleted message that was quoted often', () => {
  const quotes = 3 * limits.quotesBlankedAtOnce

  test('loses its quotes at once for whoever reads, and in slices for the rows', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'the secret')
    await delivered(alice, bob)
    for (let n = 0; n < quotes; n++) await send(bob, alice, `reply ${n}`, { replyToId: message.id })
    await delivered(alice, bob)
    const last = await send(bob, alice, 'the last reply', { replyToId: message.id })
    await delivered(alice, bob)

    const rows = await countRows(alice.id, () => remove(alice, bob, message, 'everyone'))
    expect(rows.written).toBeLessThan(6 * limits.quotesBlankedAtOnce)
    expect((await get(alice, bob, last)).replyTo?.text).toBe('')
    await delivered(alice, bob)
    expect((await get(bob, alice, last)).replyTo?.text).toBe('')
    const quoting = (user: TestUser) =>
      inMailbox(user.id, `SELECT 1 FROM messages WHERE json_extract(reply_to, '$.text') <> ''`)
    for (const user of [alice, bob]) {
      // The alarm is due by the clock that `delivered` moved, so it is rung here.
      await expect
        .poll(async () => {
          await runDurableObjectAlarm(stubOf(user.id))
          return (await quoting(user)).length
        })
        .toBe(0)
      await expect
        .poll(async () => {
          await runDurableObjectAlarm(stubOf(user.id))
          return (await inMailbox(user.id, 'SELECT 1 FROM quote_blankings')).length
        })
        .toBe(0)
    }
  })
})

test('an upload and a page of files cost the same beside one file and beside 20,000', async () => {
  const upload = (user: TestUser) =>
    ok(
      'uploadFile',
      { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
      { as: user },
    )
  const costs: number[] = []
  for (const files of [1, 20_000]) {
    const user = await newUser()
    await inMailbox(
      user.id,
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${files})
       INSERT INTO files (id, state, name, content_type, size, sha256, created_at)
       SELECT printf('fil_00%024d', i), 'stored', 'old', 'text/plain', 3, '${'0'.repeat(64)}', 0 FROM n`,
    )
    const rows = await countRows(user.id, async () => {
      await upload(user)
      const page = await ok<Files>('listFiles', { query: { limit: 1 } }, { as: user })
      expect(page.usage).toMatchObject({ files: files + 1, bytes: 3 * files + 5 })
    })
    costs.push(rows.read)
  }
  expect(Math.abs((costs[1] ?? 0) - (costs[0] ?? 0))).toBeLessThanOrEqual(5)
})
