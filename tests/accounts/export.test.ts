import { exports } from 'cloudflare:workers'
import { afterEach, expect, test } from 'vitest'
import type { AccountExport } from '../../schemas/account-export'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { File } from '../../schemas/file'
import type { Sessions } from '../../schemas/session'
import type { Me } from '../../schemas/user'
import { call, ok, requestOf } from '../support/call'
import { chat, delivered, get, pair, react, remove, send } from '../support/chat-calls'
import { inMailbox, interceptCalls } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const remove of undo.splice(0).reverse()) remove()
})

const upload = (as: TestUser, name: string) =>
  ok<File>(
    'uploadFile',
    { raw: `the bytes of ${name}`, query: { name }, headers: { 'Content-Type': 'text/plain' } },
    { as },
  )

const byId = <T extends { id: string }>(items: T[]) => items.toSorted((a, b) => (a.id < b.id ? -1 : 1))

/** Inserts messages directly into the tables of a mailbox. */
const fill = (user: TestUser, peer: TestUser, count: number, text: string) =>
  inMailbox(
    user.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
     INSERT INTO messages (chat_id, id, seq, mine, text, created_at, hidden, refused)
     SELECT '${peer.id}', printf('msg_00%024d', i), 0, i % 2, ${text}, 0, 0, 0 FROM n`,
  )

/** Counts the pages read from mailboxes. */
function countPages() {
  const pages = { count: 0 }
  undo.push(
    interceptCalls((one) => {
      if (one.method === 'exportPage') pages.count++
      return one.make()
    }),
  )
  return pages
}

test('an export contains everything the user owns, as the other operations return it', async () => {
  const [ana, ben] = await pair()
  const eva = await newUser()
  await ok('updateMe', { body: { firstName: 'Ana' } }, { as: ana })
  const files = [await upload(ana, 'one.txt'), await upload(ana, 'two.txt')]
  const attachmentFileIds = files.map(({ id }) => id)
  const question = await send(ana, ben, 'Did you see it?', { attachmentFileIds })
  await delivered(ana, ben)
  const answer = await send(ben, ana, 'From afar', { replyToId: question.id })
  await delivered(ana, ben)
  await react(ana, ben, answer, '👍')
  await react(ben, ana, question, '🎉')
  const note = await send(ana, ana, 'a note')
  const hidden = await send(ana, ben, 'hidden')
  await remove(ana, ben, hidden)
  await send(ana, eva, 'cleared')
  await ok('clearChat', { params: { chatId: eva.id } }, { as: ana })
  const contact = await ok<Contact>('saveContact', { params: { userId: ben.id }, body: { name: 'Ben' } }, { as: ana })
  const block = await ok('blockUser', { params: { userId: eva.id } }, { as: ana })
  const input = { params: { userId: ben.id }, body: { reason: 'other', comment: 'a report', messageIds: [answer.id] } }
  const report = await ok('reportUser', input, { as: ana })
  await ok('reportUser', { params: { userId: ana.id }, body: { reason: 'spam' } }, { as: ben })
  await delivered(ana, ben)

  const { body, headers } = await call<AccountExport>('exportMe', {}, { as: ana })
  expect(headers.get('Content-Disposition')).toBe('attachment; filename="account.json"')
  expect(headers.get('Cache-Control')).toBe('no-store')
  expect(body.profile).toEqual(await ok<Me>('getMe', {}, { as: ana }))
  expect(body.sessions).toEqual((await ok<Sessions>('listSessions', {}, { as: ana })).items)
  expect(body.contacts).toEqual([contact])
  expect(body.blocks).toEqual([block])
  const chats = await Promise.all([ana, ben, eva].map((peer) => chat(ana, peer)))
  expect(body.chats).toEqual(byId<Chat>(chats))
  const messages = [await get(ana, ben, question), await get(ana, ben, answer)]
  expect(messages.map(({ reactions }) => reactions.length)).toEqual([1, 1])
  expect(messages[0]?.attachments).toHaveLength(2)
  expect(body.messages).toEqual(
    [[note], messages].toSorted(([a], [b]) => (String(a?.chatId) < String(b?.chatId) ? -1 : 1)).flat(),
  )
  const { items } = await ok<{ items: File[] }>('listFiles', {}, { as: ana })
  expect(body.files).toEqual(items)
  expect(body.reports).toEqual([report])
  expect(JSON.stringify(body)).not.toMatch(/hidden"|cleared"/)
})

test('the export of a new account is nearly empty', async () => {
  const ana = await newUser()
  const body = await ok<AccountExport>('exportMe', {}, { as: ana })
  expect({ ...body, exportedAt: '', profile: null, sessions: [] }).toEqual({
    exportedAt: '',
    profile: null,
    sessions: [],
    contacts: [],
    blocks: [],
    chats: [],
    messages: [],
    files: [],
    reports: [],
  })
})

test('50,000 messages arrive complete and in order, and pages are read only as fast as the client takes them', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'the newest')
  await delivered(ana, ben)
  await fill(ana, ben, 50_000, `'old ' || i`)
  const pages = countPages()
  const response = await exports.default.fetch(requestOf('exportMe', {}, { as: ana }))
  const reader = response.body?.getReader()
  if (!reader) throw new Error('There is no body')
  const texts: string[] = []
  const decoder = new TextDecoder()
  const take = async () => {
    const { done, value } = await reader.read()
    texts.push(decoder.decode(value, { stream: !done }))
    return !done
  }
  await take()
  await scheduler.wait(200)
  expect(pages.count).toBeLessThan(20)
  while (await take());
  expect(pages.count).toBeGreaterThan(50)
  const { messages }: AccountExport = JSON.parse(texts.join(''))
  expect(messages.map(({ text }) => text)).toEqual([
    ...Array.from({ length: 50_000 }, (_, i) => `old ${i + 1}`),
    'the newest',
  ])
})

test('long texts make pages smaller, and nothing is lost between them', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'the newest')
  await fill(ana, ben, 300, `substr(hex(zeroblob(8000)), 1, 16000 - i)`)
  let largest = 0
  undo.push(
    interceptCalls(async (one) => {
      const answer = await one.make()
      if (one.method === 'exportPage') largest = Math.max(largest, JSON.stringify(answer).length)
      return answer
    }),
  )
  const { messages } = await ok<AccountExport>('exportMe', {}, { as: ana })
  expect(messages.map(({ text }) => text.length)).toEqual([
    ...Array.from({ length: 300 }, (_, i) => 16_000 - i - 1),
    'the newest'.length,
  ])
  expect(largest).toBeLessThan(1.3 * 1024 * 1024)
})

test('a list that does not fit on one page is exported in full', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  await inMailbox(
    ana.id,
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 450)
     INSERT INTO contacts SELECT printf('usr_00%024d', i), i + 1000, 'one', 0, 0, 0, NULL, 0 FROM n`,
  )
  const { contacts } = await ok<AccountExport>('exportMe', {}, { as: ana })
  expect(contacts).toHaveLength(450)
})

test('an export that breaks off is not valid JSON', async () => {
  const [ana, ben] = await pair()
  await send(ana, ben, 'hello')
  undo.push(
    interceptCalls((one) => {
      const isMeant = one.method === 'exportPage' && one.input[1] === 'messages'
      return isMeant ? Promise.reject(new Error('The mailbox is away')) : one.make()
    }),
  )
  const response = await exports.default.fetch(requestOf('exportMe', {}, { as: ana }))
  await expect(response.json()).rejects.toThrow()
})

test('a HEAD request for an export reads no pages', async () => {
  const ana = await newUser()
  const pages = countPages()
  const { headers } = requestOf('exportMe', {}, { as: ana })
  const { status } = await exports.default.fetch('http://localhost/v1/me/export', { method: 'HEAD', headers })
  expect({ status, pages: pages.count }).toEqual({ status: 200, pages: 0 })
})
