import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Changes } from '../../schemas/changes'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { alarmIn, silenceAlarms, wakeAtRest } from '../support/alarms'
import { ok } from '../support/call'
import { get, pair, remove, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import type { TestUser } from '../support/users'

let undo = () => {}
beforeEach(() => {
  undo = silenceAlarms()
})
afterEach(() => undo())

const slice = limits.quotesBlankedAtOnce
const replies = 2 * slice + 1
const idOf = (n: number) => `msg_00${String(n).padStart(24, '0')}`

/** Puts replies to a message into one side of a chat, as if the peer had written them. */
const fillReplies = (user: TestUser, peer: TestUser, to: Message) =>
  inMailbox(
    user.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${replies})
     INSERT INTO messages (chat_id, id, seq, mine, text, reply_to_id, reply_to, created_at, hidden, refused)
     SELECT '${peer.id}', printf('msg_00%024d', i), 0, 0, 'reply', '${to.id}',
       '{"id":"${to.id}","senderId":"${to.senderId}","text":"${to.text}"}', 0, 0, 0 FROM n`,
  )

const rowsWithQuote = async ({ id }: TestUser) =>
  (await inMailbox(id, `SELECT 1 FROM messages WHERE json_extract(reply_to, '$.text') <> ''`)).length

async function changesAfter(user: TestUser, cursor?: string) {
  const messages: Message[] = []
  for (let at = cursor; ; ) {
    const page = await ok<Changes>('listChanges', { query: { cursor: at, limit: 200 } }, { as: user })
    messages.push(...page.messages)
    at = page.cursor
    if (!page.hasMore) return { messages, cursor: at }
  }
}

test.each(['author', 'reader'] as const)(
  'many quotes of a deleted message lose their text at once for its %s, and in slices for the rows and other devices',
  async (who) => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'the secret')
    await expect.poll(async () => (await inMailbox(bob.id, 'SELECT 1 FROM messages')).length).toBe(1)
    const [user, peer] = who === 'author' ? [alice, bob] : [bob, alice]
    await fillReplies(user, peer, message)
    const { cursor } = await changesAfter(user)
    await runDurableObjectAlarm(stubOf(user.id))
    await wakeAtRest(user.id)

    await remove(alice, bob, message, 'everyone')
    await expect.poll(() => rowsWithQuote(user)).toBe(replies - slice)
    for (const n of [1, slice, slice + 1, replies])
      expect((await get(user, peer, { id: idOf(n) })).replyTo).toMatchObject({ id: message.id, text: '' })
    for (let left = replies - slice; left > 0; left -= Math.min(slice, left)) {
      expect(await rowsWithQuote(user)).toBe(left)
      expect(await alarmIn(user.id)).toBeLessThanOrEqual(0)
      await runDurableObjectAlarm(stubOf(user.id))
    }
    expect(await rowsWithQuote(user)).toBe(0)
    expect(await inMailbox(user.id, 'SELECT 1 FROM quote_blankings')).toEqual([])

    const changed = (await changesAfter(user, cursor)).messages.filter(({ replyTo }) => replyTo !== null)
    expect(changed.map(({ id }) => id).sort()).toEqual(Array.from({ length: replies }, (_, n) => idOf(n + 1)))
    expect(new Set(changed.map(({ replyTo }) => replyTo?.text))).toEqual(new Set(['']))
  },
)
