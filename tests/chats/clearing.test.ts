import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, test } from 'vitest'
import type { File as StoredFile } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { call, ok } from '../support/call'
import { delivered, edit, friends, list, remove, send } from '../support/chat-calls'
import { injectFaults, inMailbox, stubOf } from '../support/delivery-faults'
import { contentOf } from '../support/mailbox-content'
import type { TestUser } from '../support/users'

const secret = 'xylophone'
const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

const clear = (user: TestUser, { id }: TestUser) => ok('clearChat', { params: { chatId: id } }, { as: user })

/** Rings the alarm until the cleared messages are empty. Returns how often it rang. */
async function untilEmpty({ id }: TestUser): Promise<number> {
  for (let rings = 0; ; rings++) {
    if ((await inMailbox(id, 'SELECT 1 FROM clearings')).length === 0) return rings
    await runDurableObjectAlarm(stubOf(id))
  }
}

const upload = (user: TestUser) =>
  ok<StoredFile>(
    'uploadFile',
    { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
    { as: user },
  )

const mayRead = async (user: TestUser, fileId: string) =>
  (await call('getFile', { params: { fileId } }, { as: user })).status === 200

test('what a chat said is in no row once it was cleared, and its peer keeps it', async () => {
  const [alice, bob] = await friends()
  const file = await upload(bob)
  const first = await send(bob, alice, `${secret} one`, { attachmentFileIds: [file.id] })
  await delivered(alice, bob)
  await send(alice, bob, `${secret} two`, { replyToId: first.id })
  await delivered(alice, bob)
  expect(await contentOf(alice)).toContain(secret)
  const { items } = await list(alice, bob)
  const link = items.at(-1)?.attachments[0]?.url ?? ''
  expect(await mayRead(alice, file.id)).toBe(true)

  await clear(alice, bob)
  expect(await mayRead(alice, file.id)).toBe(false)
  const query = Object.fromEntries(new URL(link).searchParams)
  expect((await call('getFile', { params: { fileId: file.id }, query })).status).toBe(404)
  await untilEmpty(alice)
  expect(await contentOf(alice)).not.toContain(secret)
  expect(await inMailbox(alice.id, 'SELECT 1 FROM grants')).toEqual([])
  expect((await list(bob, alice)).items.map(({ text }) => text)).toEqual([`${secret} two`, `${secret} one`])
})

test('a long chat is emptied in slices', async () => {
  const [alice, bob] = await friends()
  await send(bob, alice, 'hello')
  await delivered(alice, bob)
  // So many that the alarm, which rings on its own as well, has not come to the end meanwhile.
  const count = 10 * limits.clearedAtOnce + 10
  await inMailbox(
    alice.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
     SELECT '${bob.id}', printf('msg_00%024d', i), 0, 0, '${secret}', 0, 0, 0 FROM n`,
  )
  await clear(alice, bob)
  await runDurableObjectAlarm(stubOf(alice.id))
  const [left] = await inMailbox<{ count: number }>(alice.id, `SELECT count(*) AS count FROM messages WHERE text <> ''`)
  expect(left?.count).toBeGreaterThan(0)
  await untilEmpty(alice)
  expect(await contentOf(alice)).not.toContain(secret)
})

test('a message that was cleared on its way arrives, and is then emptied', async () => {
  const [alice, bob] = await friends()
  await send(alice, bob, 'hello')
  await delivered(alice, bob)
  const [faults, stop] = injectFaults(() => 'dropped')
  undo.push(stop)
  await send(alice, bob, `${secret} on its way`)
  const edited = await send(alice, bob, 'not yet')
  await edit(alice, { ...edited, chatId: bob.id }, `${secret} edited`)
  await clear(alice, bob)
  await untilEmpty(alice)
  expect(await contentOf(alice)).toContain(secret)
  faults.next = () => 'none'
  await delivered(alice, bob)
  expect((await list(bob, alice)).items.map(({ text }) => text)).toEqual([
    `${secret} edited`,
    `${secret} on its way`,
    'hello',
  ])
  expect(await contentOf(alice)).not.toContain(secret)
})

test('a retry of a cleared message finds it, and sends nothing', async () => {
  const [alice, bob] = await friends()
  const input = { params: { chatId: bob.id }, body: { clientMessageId: 'once', text: 'hello' } }
  const sent = await ok<Message>('sendMessage', input, { as: alice })
  await delivered(alice, bob)
  await clear(alice, bob)
  await untilEmpty(alice)
  expect(await call('sendMessage', input, { as: alice })).toMatchObject({ status: 200, body: { id: sent.id } })
  expect((await list(bob, alice)).items).toHaveLength(1)
})

describe('what the peer does later to a message that was cleared here', () => {
  async function clearedWithQuote() {
    const [alice, bob] = await friends()
    const message = await send(bob, alice, 'cleared')
    await delivered(alice, bob)
    await clear(alice, bob)
    await untilEmpty(alice)
    return { alice, bob, message: { ...message, chatId: alice.id } }
  }

  test('brings no text back', async () => {
    const { alice, bob, message } = await clearedWithQuote()
    await edit(bob, message, `${secret} edited`)
    await delivered(alice, bob)
    expect(await contentOf(alice)).not.toContain(secret)
  })

  test('still blanks the quotes of it', async () => {
    const { alice, bob, message } = await clearedWithQuote()
    await send(bob, alice, 'a reply', { replyToId: message.id })
    await delivered(alice, bob)
    const quoteAt = async () => (await list(alice, bob)).items[0]?.replyTo?.text
    expect(await quoteAt()).toBe('cleared')
    await remove(bob, alice, message, 'everyone')
    await delivered(alice, bob)
    expect(await quoteAt()).toBe('')
  })
})

test('a chat that is cleared again while it is being emptied loses everything', async () => {
  const [alice, bob] = await friends()
  await send(bob, alice, `${secret} one`)
  await delivered(alice, bob)
  await clear(alice, bob)
  await send(bob, alice, `${secret} two`)
  await delivered(alice, bob)
  await clear(alice, bob)
  await untilEmpty(alice)
  await send(bob, alice, `${secret} three`)
  await delivered(alice, bob)
  expect((await list(alice, bob)).items.map(({ text }) => text)).toEqual([`${secret} three`])
  await clear(alice, bob)
  await untilEmpty(alice)
  expect(await contentOf(alice)).not.toContain(secret)
})
