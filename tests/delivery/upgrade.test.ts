import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Mailbox } from '../../objects/mailbox'
import type { Tokens } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { Message } from '../../schemas/message'
import type { MessageHits } from '../../schemas/search'
import { Live } from '../model/live'
import { OtherDevices } from '../model/other-devices'
import type { Person } from '../model/people'
import { copied, listed, type ViewByChat, viewOf } from '../model/views'
import { alarmOf } from '../support/alarms'
import { call, ok, refused } from '../support/call'
import { chat, delivered, edit, list, react, send } from '../support/chat-calls'
import { ClientState } from '../support/client-state'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { changesOf, createGroup, settle, textsOf } from '../support/group-calls'
import { indexAll } from '../support/search-index'
import { signIn, type TestUser } from '../support/users'
import { heldPages, names, restore, users } from './released/restore'

const staying = ['ana', 'ben', 'cleo'] as const
type Staying = (typeof staying)[number]

// A bound for what hangs, not a measure.
const patienceMs = 60_000

/** How often each mailbox's alarm has rung. */
const rings = new Map<string, number>()
const signedIn = new Map<string, TestUser>()

const user = (name: Staying): TestUser => {
  const found = signedIn.get(name)
  if (!found) throw new Error(`${name} is not signed in`)
  return found
}

const refresh = (refreshToken: string) => ok<Tokens>('refreshTokens', { body: { refreshToken } })

async function countRings() {
  await runInDurableObject(stubOf('counter'), (mailbox: Mailbox) => {
    const prototype: Mailbox = Object.getPrototypeOf(mailbox)
    const { alarm } = prototype
    prototype.alarm = function (this: Mailbox) {
      const { name = '' } = Reflect.get(this, 'ctx').id
      rings.set(name, (rings.get(name) ?? 0) + 1)
      return alarm.call(this)
    }
  })
}

/** Whether the search index of a mailbox waits to forget what was deleted. A mailbox that is gone has none. */
async function waitsToForget(userId: string) {
  const isLive = (await inMailbox(userId, `SELECT 1 FROM sqlite_master WHERE name = 'search_blocks'`)).length > 0
  const due = `SELECT 1 FROM meta WHERE key = 'search' AND json_extract(value, '$.dueAt') IS NOT NULL`
  return isLive && (await inMailbox(userId, due)).length > 0
}

/** Waits until no alarm is set; what the search index would wait half a minute for is done at once. */
async function atRest() {
  for (const name of names) {
    const { id } = users[name]
    const isAtRest = async () => {
      if (await waitsToForget(id)) await indexAll({ id })
      expect(await alarmOf(id), name).toBeNull()
    }
    await vi.waitFor(isAtRest, { timeout: patienceMs / 2 })
  }
}

beforeAll(async () => {
  await countRings()
  await restore()
  for (const name of names) await runInDurableObject(stubOf(users[name].id), () => {})
  await atRest()
  for (const name of staying) {
    const { id, phoneNumber, sessions } = users[name]
    const [{ sessionId, refreshToken } = { sessionId: '', refreshToken: '' }] = sessions
    signedIn.set(name, { ...(await refresh(refreshToken)), id, phoneNumber, sessionId })
  }
}, patienceMs)

const personOf = (name: Staying, client = new ClientState(user(name).id)): Person => {
  const device = user(name)
  return { ...device, client, live: new Live(device), others: new OtherDevices(device) }
}

const texts = (items: Message[]) => items.map(({ text }) => text)

/** Links are made anew for each response. */
const withoutLinks = (view: ViewByChat): unknown =>
  JSON.parse(JSON.stringify(view, (key, value) => (/^(url|avatarUrl)$/.test(key) ? undefined : value)))

/** What a device that holds the release's pages reads next, one row at a time. */
async function catchUp(name: Staying) {
  const client = new ClientState(user(name).id)
  for (const page of heldPages(name)) client.apply(page)
  const pages: Changes[] = []
  await client.sync(async (cursor) => {
    const page = await ok<Changes>('listChanges', { query: { cursor, limit: 1 } }, { as: user(name) })
    pages.push(page)
    return page
  })
  return { client, pages }
}

const formerWords = ({ id }: { id: string }) => inMailbox(id, 'SELECT rowid FROM search')

test('the index of words is empty, and again after an earlier version was rolled back to', async () => {
  for (const name of staying) expect(await formerWords(user(name)), name).toEqual([])
  const ana = user('ana')
  await inMailbox(ana.id, `INSERT INTO search (rowid, words, chat) VALUES (1, 'walrus', 'x')`)
  expect(await formerWords(ana)).toHaveLength(1)
  await evictDurableObject(stubOf(ana.id))
  expect(await formerWords(ana)).toEqual([])
  const pages = await inMailbox<{ block: ArrayBuffer }>(ana.id, 'SELECT block FROM search_data')
  expect(pages.some(({ block }) => Buffer.from(block).includes('walrus'))).toBe(false)
})

test('no alarm has spun, and at rest none is set', async () => {
  const before = new Map(rings)
  for (const name of names) expect(before.get(users[name].id)).toBeLessThan(20)
  await scheduler.wait(500)
  expect(rings).toEqual(before)
  await atRest()
})

test('every session of the release can refresh its tokens, and one that had ended cannot', async () => {
  const [, tablet] = users.ana.sessions
  const { accessToken } = await refresh(tablet?.refreshToken ?? '')
  expect(await ok('getMe', {}, { as: { accessToken } })).toMatchObject({ id: users.ana.id, username: 'ana_example' })
  await refused('refreshTokens', 'refresh_token_invalid', { body: { refreshToken: users.ana.ended.refreshToken } })
})

test('a new sign-in with a number of the release enters the same account', async () => {
  const answer = await signIn(users.cleo.phoneNumber)
  expect(answer).toMatchObject({ isNewUser: false, user: { id: users.cleo.id, firstName: 'Cleo' } })
})

describe('what was pending arrives', () => {
  test('messages: once each and in order, also one whose delivery had not been confirmed', async () => {
    expect(texts((await list(user('ben'), users.ana)).items)).toEqual([
      'Pending from Ben',
      'Pending two, a reply',
      'Pending one',
      'Arrived, but unconfirmed',
      'Sent while Ana’s devices were away',
      '',
      'Hidden by Ana',
      '',
      'The paper',
      'Hello, Ana',
      'Hello Ben',
    ])
    expect(texts((await list(user('ben'), users.cleo)).items)).toEqual(['Pending from Cleo', 'After the clearing'])
    const fromBen = (await list(user('ana'), users.ben)).items.filter(({ senderId }) => senderId === users.ben.id)
    expect(texts(fromBen)).toEqual(['Pending from Ben', 'Sent while Ana’s devices were away', '', 'Hello, Ana'])
  })

  test('edits, deletions, reactions, quotes and attachments', async () => {
    const atBen = (await list(user('ben'), users.ana)).items
    const paper = atBen.find(({ text }) => text === 'The paper')
    expect(paper).toMatchObject({ editedAt: expect.any(String), attachments: [{ name: 'paper.txt' }] })
    expect(atBen.filter(({ deletedAt }) => deletedAt !== null)).toHaveLength(2)
    const answered = atBen.find(({ text }) => text === 'Hello, Ana')
    expect(answered?.reactions.map(({ emoji }) => emoji)).toEqual(['🎉', '😀'])
    expect(atBen.find(({ text }) => text === 'Pending two, a reply')?.replyTo).toEqual({
      id: answered?.id,
      senderId: users.ben.id,
      text: 'Hello Ana',
    })
    const fileId = paper?.attachments[0]?.fileId ?? ''
    expect(await ok('getFileInfo', { params: { fileId } }, { as: user('ben') })).toMatchObject({ name: 'paper.txt' })
    expect(
      texts((await ok<MessageHits>('searchMessages', { query: { q: 'paper' } }, { as: user('ben') })).items),
    ).toEqual(['The paper'])
  })

  test('read marks, and with them the status of each message', async () => {
    const status = async (name: Staying, peer: Staying) =>
      Object.fromEntries((await list(user(name), users[peer])).items.map((one) => [one.text, one.status]))
    expect(await status('ben', 'ana')).toMatchObject({
      'Sent while Ana’s devices were away': 'read',
      'Pending from Ben': 'delivered',
    })
    expect(await status('ana', 'ben')).toMatchObject({ 'The paper': 'read', 'Pending one': 'delivered' })
    expect(await status('cleo', 'ana')).toMatchObject({ 'Sent under the block': 'sent' })
  })

  test('profiles, also one whose change was announced and never reported', async () => {
    expect((await chat(user('ben'), users.ana)).peer).toMatchObject({ firstName: 'Ana', about: 'Ana has moved' })
    for (const name of ['ana', 'cleo'] as const)
      expect((await chat(user(name), users.ben)).peer).toMatchObject({ about: 'Ben has moved' })
  })
})

test('a message of the release that is sent again is the same message', async () => {
  const known = (await list(user('ana'), users.ben)).items.find(({ text }) => text === 'Pending one')
  const body = { clientMessageId: known?.clientMessageId, text: 'Pending one' }
  const answer = await call<Message>('sendMessage', { params: { chatId: users.ben.id }, body }, { as: user('ana') })
  expect(answer).toMatchObject({ status: 200, body: { id: known?.id } })
})

test.each(staying)('the lists of %s equal a full copy, and unread counts equal a recount', async (name) => {
  const person = personOf(name)
  const peers = names.map((one) => ({ ...person, id: users[one].id }))
  const [{ order: _, ...lists }, copy] = await Promise.all([listed(person, peers), copied(person)])
  expect(copy).toEqual(lists)
  const rows = await inMailbox<{ unread_count: number; recounted: number }>(
    person.id,
    `SELECT unread_count, (SELECT count(*) FROM messages WHERE chat_id = peer_id AND mine = 0 AND hidden = 0
       AND deleted_at IS NULL AND id > read_id AND id > cleared_peer_id) AS recounted FROM chats`,
  )
  for (const row of rows) expect(row.unread_count).toBe(row.recounted)
})

describe('the change feed goes on from a cursor of the release', () => {
  test.each(staying)('to what a full copy for %s holds', async (name) => {
    const { client } = await catchUp(name)
    expect(withoutLinks(viewOf(client))).toEqual(withoutLinks(await copied(personOf(name))))
  })

  test('without a reset, a gap or a repeat', async () => {
    const { pages } = await catchUp('ana')
    expect(pages.filter(({ reset }) => reset)).toEqual([])
    expect(pages.flatMap(({ messages }) => texts(messages)).sort()).toEqual([
      '',
      'Arrived, but unconfirmed',
      'Hello, Ana',
      'Pending from Ben',
      'Pending one',
      'Pending two, a reply',
      'Sent while Ana’s devices were away',
      'The paper',
    ])
    expect(pages.flatMap(({ contacts }) => contacts.map(({ contact }) => contact?.name))).toEqual(['Ben from work'])
    const chatIds = pages.flatMap(({ chats }) => chats.map(({ id }) => id))
    expect(chatIds.toSorted()).toEqual([users.ben.id, users.dora.id])
  })
})

test('a block of the release refuses, and what was sent under it never arrives', async () => {
  const [ana, cleo] = [user('ana'), user('cleo')]
  await send(cleo, ana, 'Sent under the block, to today’s code')
  await delivered(cleo)
  const before = ['Hello Cleo', 'Hello Ana, this is Cleo']
  expect(texts((await list(ana, cleo)).items)).toEqual(before)
  await ok('unblockUser', { params: { userId: cleo.id } }, { as: ana })
  await send(cleo, ana, 'Sent after the block')
  await delivered(cleo, ana)
  expect(texts((await list(ana, cleo)).items)).toEqual(['Sent after the block', ...before])
  const atCleo = (await list(cleo, ana)).items
  const find = (text: string): Message => {
    const found = atCleo.find((one) => one.text === text)
    if (!found) throw new Error(`"${text}" is missing`)
    return found
  }
  // Later changes carry what was done under the block along.
  await react(cleo, ana, find('Edited under the block'), '🙂')
  await send(cleo, ana, 'A reply', { replyToId: find('Sent under the block').id })
  await delivered(cleo, ana)
  const [reply, , , opening] = (await list(ana, cleo)).items
  expect(reply).toMatchObject({ text: 'A reply', replyTo: { text: '' } })
  expect(opening).toMatchObject({ text: 'Hello Ana, this is Cleo', reactions: [{ emoji: '🙂' }] })
  await edit(cleo, find('Edited under the block'), 'Edited after the block')
  await delivered(cleo, ana)
  expect((await list(ana, cleo)).items.at(-1)).toMatchObject({ text: 'Edited after the block' })
})

test('what the alarm had left to do is done: a file is gone, and so is a user', async () => {
  const { objects } = await env.FILES.list()
  expect(objects.map(({ customMetadata, key }) => customMetadata?.['name'] ?? key)).not.toContain('scrap.txt')
  expect(await inMailbox(users.ana.id, `SELECT name FROM files WHERE state <> 'stored'`)).toEqual([])
  expect(await inMailbox(users.dora.id, 'SELECT count(*) AS tombstones FROM tombstone')).toEqual([{ tombstones: 1 }])
  await refused('getUser', 'user_not_found', { params: { userId: users.dora.id } }, { as: user('ana') })
  expect((await chat(user('ana'), users.dora)).peer).toBeNull()
  expect(texts((await list(user('ana'), users.dora)).items)).toEqual(['Hello Ana, this is Dora'])
})

describe('groups, which the release did not have,', () => {
  test('take its users and files, and its devices hear of them from their cursors', async () => {
    const [ana, ben, cleo] = [user('ana'), user('ben'), user('cleo')]
    const everybody = [ben, cleo, { ...ben, id: users.dora.id }]
    const { chat: created, added, toInvite } = await createGroup(ana, everybody)
    expect({ added, toInvite }).toEqual({ added: [ben.id, cleo.id], toInvite: [users.dora.id] })
    const paper = (await list(ana, users.ben)).items.find(({ text }) => text === 'The paper')
    const fileId = paper?.attachments[0]?.fileId ?? ''
    const owner = paper?.senderId === ana.id ? ana : ben
    const sent = await send(owner, created, 'To everybody', { attachmentFileIds: [fileId] })
    await send(ben, created, 'A reply', { replyToId: sent.id })
    await settle(created)
    for (const name of staying) {
      const { client, pages } = await catchUp(name)
      expect(pages.filter(({ reset }) => reset)).toEqual([])
      expect(viewOf(client).chats[created.id], name).toMatchObject({ kind: 'group', lastMessage: { text: 'A reply' } })
      expect(withoutLinks(viewOf(client))).toEqual(withoutLinks(await copied(personOf(name))))
      const changes = await changesOf(user(name), created)
      expect(changes).toMatchObject({ reset: true, chat: { group: { memberCount: 3 } } })
      expect(textsOf(changes.messages).toSorted()).toEqual(['A reply', 'To everybody'])
      const inGroup = { params: { fileId }, query: { chatId: created.id } }
      expect(await ok('getFileInfo', inGroup, { as: user(name) })).toMatchObject({ name: 'paper.txt' })
    }
    await ok('removeGroupMember', { params: { groupId: created.id, userId: cleo.id } }, { as: ana })
    await refused('getChat', 'chat_not_found', { params: { chatId: created.id } }, { as: cleo })
  })
})
