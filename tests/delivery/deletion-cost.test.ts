import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { delivered, pair, remove, send } from '../support/chat-calls'
import { stubOf } from '../support/delivery-faults'
import { countRows } from '../support/storage-costs'
import type { TestUser } from '../support/users'

const fill = (a: TestUser, b: TestUser, n: number) =>
  runInDurableObject(stubOf(a.id), (_, { storage }) => {
    storage.sql.exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${n})
     INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
     SELECT '${b.id}', printf('msg_00%024d', i), 0, i % 2, 'old', 0, 0, 0 FROM n`)
  })

test('deleting for everyone costs the same in a chat of 100 and of 20,000', async () => {
  const read: number[] = []
  for (const n of [100, 20_000]) {
    const [alice, bob] = await pair()
    const m = await send(alice, bob, 'one')
    await send(bob, alice, 'answer', { replyToId: m.id })
    await delivered(alice, bob)
    await fill(alice, bob, n)
    await fill(bob, alice, n)
    const rows = await countRows(alice.id, async () => {
      await remove(alice, bob, m, 'everyone')
      await delivered(alice, bob)
    })
    read.push(rows.read)
  }
  expect(Math.abs((read[1] ?? 0) - (read[0] ?? 0))).toBeLessThanOrEqual(5)
})
