import { evictDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import type { Chat } from '../../schemas/chat'
import type { Contact } from '../../schemas/contact'
import type { MessageHits } from '../../schemas/search'
import { limits } from '../../src/core/limits'
import { call, ok } from '../support/call'
import { chat, delivered, edit, get, list, markRead, pair, react, remove, send } from '../support/chat-calls'
import { inMailbox, stubOf } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

/** A stranger has written to somebody. */
async function request() {
  const [stranger, owner] = await pair()
  const message = await send(stranger, owner, 'Hello, it is me')
  await delivered(stranger, owner)
  return { stranger, owner, message }
}

const accept = (owner: TestUser, { id }: TestUser) =>
  ok<Chat>('updateChat', { params: { chatId: id }, body: { accepted: true } }, { as: owner })

const attempt = (from: TestUser, to: TestUser, text: string) =>
  call<{ code: string }>(
    'sendMessage',
    { params: { chatId: to.id }, body: { clientMessageId: crypto.randomUUID(), text } },
    { as: from },
  )

const save = (owner: TestUser, { id }: TestUser) =>
  ok<Contact>('saveContact', { params: { userId: id }, body: { name: 'A friend' } }, { as: owner })

/** What the owner of a request can do to accept it. */
const acceptances: Record<string, (owner: TestUser, stranger: TestUser, messageId: string) => Promise<unknown>> = {
  'says so': accept,
  writes: (owner, stranger) => send(owner, stranger, 'Who is it?'),
  reacts: (owner, stranger, id) => react(owner, stranger, { id, chatId: stranger.id } as never, '👍'),
  'saves the stranger': save,
}

test('a chat that a stranger begins is a request, and for the stranger it is none', async () => {
  const { stranger, owner } = await request()
  expect((await chat(owner, stranger)).request).toBe(true)
  expect((await chat(stranger, owner)).request).toBe(false)
  expect((await ok<{ items: Chat[] }>('listChats', {}, { as: owner })).items).toMatchObject([{ request: true }])
})

test('a chat that a contact begins, or that one has begun oneself, is no request', async () => {
  const [ana, ben] = await pair()
  await save(ben, ana)
  await send(ana, ben, 'Hello')
  await delivered(ana, ben)
  expect((await chat(ben, ana)).request).toBe(false)
  for (let sent = 0; sent <= limits.requestMessagesMax; sent++) await send(ana, ben, `Message ${sent}`)
  const carl = await newUser()
  await send(ana, carl, 'Hello')
  await send(carl, ana, 'Hello too')
  await delivered(ana, carl)
  expect((await chat(ana, carl)).request).toBe(false)
  expect((await chat(carl, ana)).request).toBe(false)
  await send(ana, ana, 'A note')
  expect((await chat(ana, ana)).request).toBe(false)
})

test.for(Object.keys(acceptances))(
  'a request is accepted when its owner %s, and the stranger learns what is read from then on',
  async (how) => {
    const { stranger, owner, message } = await request()
    await markRead(owner, stranger, message)
    await delivered(stranger, owner)
    expect(await chat(owner, stranger)).toMatchObject({ request: true, unreadCount: 0 })
    expect(await get(stranger, owner, message)).toMatchObject({ status: 'delivered' })
    expect((await chat(stranger, owner)).readUpToMessageId).toBeNull()

    await acceptances[how]?.(owner, stranger, message.id)
    await delivered(stranger, owner)
    expect((await chat(owner, stranger)).request).toBe(false)
    expect(await get(stranger, owner, message)).toMatchObject({ status: 'delivered' })
    await markRead(owner, stranger, message)
    await delivered(stranger, owner)
    expect(await get(stranger, owner, message)).toMatchObject({ status: 'read' })

    const next = await send(stranger, owner, 'And now?')
    await delivered(stranger, owner)
    await markRead(owner, stranger, next)
    await delivered(stranger, owner)
    expect(await get(stranger, owner, next)).toMatchObject({ status: 'read' })
  },
)

test.for(Object.keys(acceptances))(
  'a search finds the messages of a request, as they are by then, once its owner %s',
  async (how) => {
    const { stranger, owner, message } = await request()
    const lighthouse = await send(stranger, owner, 'The lighthouse')
    const gone = await send(stranger, owner, 'A secret word')
    await delivered(stranger, owner)
    await edit(stranger, message, 'Hello from the harbor')
    await remove(owner, stranger, gone)
    await delivered(stranger, owner)
    const find = async (q: string) =>
      (await ok<MessageHits>('searchMessages', { query: { q } }, { as: owner })).items.map(({ text }) => text)
    for (const word of ['hello', 'harbor', 'lighthouse']) expect(await find(word)).toEqual([])
    expect(await inMailbox(owner.id, 'SELECT chats FROM search_blocks')).toEqual([{ chats: '[]' }])

    await acceptances[how]?.(owner, stranger, lighthouse.id)
    await send(stranger, owner, 'And a windmill')
    await delivered(stranger, owner)
    for (const [word, text] of [
      ['harbor', 'Hello from the harbor'],
      ['lighthouse', 'The lighthouse'],
      ['windmill', 'And a windmill'],
    ] as const)
      expect(await find(word)).toEqual([text])
    expect(await find('secret')).toEqual([])
  },
)

test('the acceptance is a change for the owner’s devices', async () => {
  const { stranger, owner } = await request()
  const { cursor } = await ok<{ cursor: string }>('listChanges', {}, { as: owner })
  expect((await accept(owner, stranger)).request).toBe(false)
  const { chats } = await ok<{ chats: Chat[] }>('listChanges', { query: { cursor } }, { as: owner })
  expect(chats).toMatchObject([{ id: stranger.id, request: false }])
  const after = await ok<{ cursor: string }>('listChanges', {}, { as: owner })
  await accept(owner, stranger)
  expect((await ok<{ cursor: string }>('listChanges', {}, { as: owner })).cursor).toBe(after.cursor)
})

test('reading, muting, clearing and hiding accept nothing', async () => {
  const { stranger, owner, message } = await request()
  const params = { chatId: stranger.id }
  await ok('updateChat', { params, body: { pinned: true, mutedUntil: '2100-01-01T00:00:00Z' } }, { as: owner })
  await markRead(owner, stranger, message)
  await call('deleteMessage', { params: { ...params, messageId: message.id } }, { as: owner })
  await call('clearChat', { params }, { as: owner })
  await send(stranger, owner, 'Once more')
  await delivered(stranger, owner)
  expect(await chat(owner, stranger)).toMatchObject({ request: true, unreadCount: 1 })
})

test('a request cannot be declined by saying that it is not accepted', async () => {
  const { stranger, owner } = await request()
  const input = { params: { chatId: stranger.id }, body: { accepted: false } }
  const { status, body } = await call('updateChat', input, { as: owner })
  expect({ status, body }).toMatchObject({ status: 400, body: { errors: [{ pointer: '/accepted' }] } })
  expect((await chat(owner, stranger)).request).toBe(true)
})

test('a stranger can send 20 messages, and any number once they are accepted', async () => {
  const { stranger, owner } = await request()
  for (let sent = 1; sent < limits.requestMessagesMax; sent++) await send(stranger, owner, `Message ${sent}`)
  expect(await attempt(stranger, owner, 'One too many')).toMatchObject({
    status: 403,
    body: { code: 'acceptance_required' },
  })
  await delivered(stranger, owner)
  await call('clearChat', { params: { chatId: stranger.id } }, { as: owner })
  expect((await attempt(stranger, owner, 'Cleared is not accepted')).status).toBe(403)
  expect((await list(owner, stranger)).items).toEqual([])

  await accept(owner, stranger)
  await delivered(stranger, owner)
  for (let sent = 0; sent <= limits.requestMessagesMax; sent++) await send(stranger, owner, `Accepted ${sent}`)
})

test('a stranger can send 256 KB, edits included', async () => {
  const { stranger, owner, message } = await request()
  const large = '語'.repeat(16_000)
  for (let sent = 1; sent <= 5; sent++) await send(stranger, owner, large)
  expect(await attempt(stranger, owner, large)).toMatchObject({ status: 403, body: { code: 'acceptance_required' } })
  const tooLarge = await call(
    'editMessage',
    { params: { chatId: owner.id, messageId: message.id }, body: { text: large } },
    { as: stranger },
  )
  expect(tooLarge).toMatchObject({ status: 403, body: { code: 'acceptance_required' } })
  for (let edits = 0; edits < 21; edits++) await edit(stranger, message, `Small ${edits}${'.'.repeat(900)}`)
  expect((await attempt(stranger, owner, '.'.repeat(5_000))).status).toBe(403)
  await accept(owner, stranger)
  await delivered(stranger, owner)
  await send(stranger, owner, large)
})

test('a retry of what was sent before the limit is answered as ever', async () => {
  const { stranger, owner } = await request()
  const input = { params: { chatId: owner.id }, body: { clientMessageId: 'the last', text: 'The last' } }
  for (let sent = 2; sent < limits.requestMessagesMax; sent++) await send(stranger, owner, `Message ${sent}`)
  expect((await call('sendMessage', input, { as: stranger })).status).toBe(201)
  expect((await attempt(stranger, owner, 'One too many')).status).toBe(403)
  expect((await call('sendMessage', input, { as: stranger })).status).toBe(200)
})

test('two who begin at once accept each other', async () => {
  const [ana, ben] = await pair()
  const [first, second] = await Promise.all([send(ana, ben, 'Hello'), send(ben, ana, 'Hello')])
  await delivered(ana, ben)
  expect((await chat(ana, ben)).request).toBe(false)
  expect((await chat(ben, ana)).request).toBe(false)
  await markRead(ana, ben, second)
  await markRead(ben, ana, first)
  await delivered(ana, ben)
  expect(await get(ana, ben, first)).toMatchObject({ status: 'read' })
  expect(await get(ben, ana, second)).toMatchObject({ status: 'read' })
})

test('an acceptance under a block of the stranger’s is not lost with it', async () => {
  const { stranger, owner } = await request()
  await ok('blockUser', { params: { userId: owner.id } }, { as: stranger })
  await accept(owner, stranger)
  await delivered(stranger, owner)
  await call('unblockUser', { params: { userId: owner.id } }, { as: stranger })
  for (let sent = 0; sent <= limits.requestMessagesMax; sent++) await send(stranger, owner, `Message ${sent}`)
})

test('a search finds all of a request whose sender began it before there were requests', async () => {
  const { stranger, owner } = await request()
  await inMailbox(stranger.id, 'UPDATE chats SET peer_accepted = 1')
  await evictDurableObject(stubOf(stranger.id))
  const count = limits.requestMessagesMax + 5
  for (let sent = 0; sent < count; sent++) await send(stranger, owner, `Walrus ${sent}`)
  await delivered(stranger, owner)
  await accept(owner, stranger)
  const { items } = await ok<MessageHits>('searchMessages', { query: { q: 'walrus', limit: 100 } }, { as: owner })
  expect(items).toHaveLength(count)
})
