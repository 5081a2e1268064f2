import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Delivery } from '../../objects/mailbox/delivery/shapes'
import type { Changes } from '../../schemas/changes'
import type { Chats } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import type { MessageHits } from '../../schemas/search'
import { limits } from '../../src/core/limits'
import { call, ok, type Refusal, refused } from '../support/call'
import { chat, delivered, edit, friends, get, list, pair, remove, send } from '../support/chat-calls'
import { alterMailbox, injectFaults, inMailbox, interceptCalls, stubOf } from '../support/delivery-faults'
import { contentOf } from '../support/mailbox-content'
import { type Page, readAll } from '../support/pages'
import { connectLive } from '../support/socket'
import type { TestUser } from '../support/users'

const secret = 'xylophone'
const location = { location: { latitude: 38.5231, longitude: -8.9012, label: secret } }
const poll = { poll: { question: 'When?', options: ['today', null, { at: 'noon' }] } }

const undo: (() => void)[] = []
afterEach(() => {
  for (const one of undo.splice(0)) one()
})

/** Sends a message that has nothing but metadata, unless there is more. */
const sendOnly = (from: TestUser, to: TestUser, metadata: unknown, more: object = {}) =>
  ok<Message>(
    'sendMessage',
    { params: { chatId: to.id }, body: { clientMessageId: crypto.randomUUID(), metadata, ...more } },
    { as: from },
  )

const change = (author: TestUser, { chatId, id }: Message, body: object) =>
  ok<Message>('editMessage', { params: { chatId, messageId: id }, body }, { as: author })

const ofAll = (messages: readonly Message[]) => messages.map(({ metadata }) => metadata)

describe('metadata of a message', () => {
  test('reaches both sides, and is wherever the message is', async () => {
    const [ana, ben] = await friends()
    const sent = await send(ana, ben, 'meet me', { metadata: location })
    expect(sent.metadata).toEqual(location)
    await delivered(ana, ben)
    for (const [user, peer] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      expect((await get(user, peer, sent)).metadata).toEqual(location)
      expect(ofAll((await list(user, peer)).items)).toEqual([location])
      expect((await ok<Chats>('listChats', {}, { as: user })).items[0]?.lastMessage?.metadata).toEqual(location)
      const changes = await ok<Changes>('listChanges', {}, { as: user })
      expect(ofAll(changes.messages)).toEqual([location])
      const hits = await ok<MessageHits>('searchMessages', { query: { q: 'meet' } }, { as: user })
      expect(ofAll(hits.items)).toEqual([location])
      expect(await ok('exportMe', {}, { as: user })).toMatchObject({ messages: [{ metadata: location }] })
    }
  })

  test('is null where there is none, and an empty object is none', async () => {
    const [ana] = await pair()
    for (const metadata of [undefined, null, {}])
      expect((await send(ana, ana, 'a note', { metadata })).metadata).toBeNull()
  })

  test('is enough for a message, which counts as unread', async () => {
    const [ana, ben] = await friends()
    const sent = await sendOnly(ana, ben, poll)
    expect(sent).toMatchObject({ text: '', attachments: [], metadata: poll })
    await delivered(ana, ben)
    expect(await chat(ben, ana)).toMatchObject({ unreadCount: 1, lastMessage: { id: sent.id, metadata: poll } })
  })

  test.each([{}, null])('says nothing as %j: a message needs something else', async (metadata) => {
    const [ana, ben] = await pair()
    const input = { params: { chatId: ben.id }, body: { clientMessageId: 'empty', metadata } }
    const { body } = await refused('sendMessage', 'invalid_request', input, { as: ana })
    expect(body.errors).toMatchObject([{ pointer: '/text', detail: expect.stringContaining('metadata') }])
  })

  test('goes by the WebSocket, too, and comes back with the ack', async () => {
    const [ana, ben] = await friends()
    await send(ana, ben, 'the first')
    const socket = await connectLive(ana)
    const message = { chatId: ben.id, clientMessageId: 'framed', metadata: poll }
    expect(await socket.ask({ type: 'sendMessage', ...message })).toMatchObject({ message: { metadata: poll } })
    const { chatId, ...body } = message
    expect(await call('sendMessage', { params: { chatId }, body }, { as: ana })).toMatchObject({ status: 200 })
    const refusal = await socket.ask({ type: 'sendMessage', ...message, metadata: { a: { b: '\ud800' } } })
    expect(refusal).toMatchObject({ type: 'error', problem: { code: 'invalid_request' } })
    const { problem } = refusal as unknown as { problem: Refusal }
    expect([...new Set(problem.errors?.map(({ pointer }) => pointer))]).toEqual(['/metadata/a/b'])
  })

  test('is not searched, and no quote carries it', async () => {
    const [ana, ben] = await friends()
    const sent = await send(ana, ben, 'here', { metadata: location })
    await delivered(ana, ben)
    const reply = await send(ben, ana, 'there', { replyToId: sent.id })
    expect(reply).toMatchObject({ metadata: null, replyTo: { id: sent.id, text: 'here' } })
    expect(JSON.stringify(reply.replyTo)).not.toContain(secret)
    const query = { q: secret }
    const nothing = { items: [], nextCursor: null, complete: true }
    expect(await ok<MessageHits>('searchMessages', { query }, { as: ana })).toEqual(nothing)
  })

  test('belongs to the members of the chat: a request that nobody has accepted has it as well', async () => {
    const [stranger, owner] = await pair()
    await sendOnly(stranger, owner, location)
    await delivered(stranger)
    expect(await chat(owner, stranger)).toMatchObject({ request: true, lastMessage: { metadata: location } })
  })
})

describe('a retry', () => {
  test('finds its message in whatever order the names of the metadata are', async () => {
    const [ana, ben] = await pair()
    const input = (metadata: unknown) => ({ params: { chatId: ben.id }, body: { clientMessageId: 'once', metadata } })
    const sent = await ok<Message>('sendMessage', input({ a: 1, b: { c: 2, d: [{ e: 3, f: 4 }] } }), { as: ana })
    const again = input({ b: { d: [{ f: 4, e: 3 }], c: 2 }, a: 1 })
    expect(await call('sendMessage', again, { as: ana })).toMatchObject({ status: 200, body: { id: sent.id } })
    for (const other of [{ a: 1, b: { c: 2, d: [{ e: 3, f: 5 }] } }, { a: 1 }])
      await refused('sendMessage', 'client_message_id_reused', input(other), { as: ana })
  })

  test('with other metadata, or without, is another message', async () => {
    const [ana, ben] = await pair()
    const input = (more: object) => ({
      params: { chatId: ben.id },
      body: { clientMessageId: 'once', text: 'hello', ...more },
    })
    await ok('sendMessage', input({ metadata: poll }), { as: ana })
    for (const more of [{}, { metadata: null }, { metadata: {} }, { metadata: location }])
      await refused('sendMessage', 'client_message_id_reused', input(more), { as: ana })
    expect(await call('sendMessage', input({ metadata: poll }), { as: ana })).toMatchObject({ status: 200 })
  })
})

describe('an edit', () => {
  test('replaces the metadata as a whole, and leaves what it does not name, on both sides', async () => {
    const [ana, ben] = await friends()
    const sent = await send(ana, ben, 'meet me', { metadata: location })
    await delivered(ana, ben)
    const both = async (expected: object) => {
      expect(await get(ana, ben, sent)).toMatchObject(expected)
      await delivered(ana, ben)
      expect(await get(ben, ana, sent)).toMatchObject(expected)
    }
    const edited = await change(ana, sent, { metadata: poll })
    expect(edited).toMatchObject({ text: 'meet me', metadata: poll, editedAt: expect.any(String) })
    await both({ text: 'meet me', metadata: poll })
    await edit(ana, sent, 'meet me there')
    await both({ text: 'meet me there', metadata: poll })
    await change(ana, sent, { text: '' })
    await both({ text: '', metadata: poll })
    await change(ana, sent, { text: 'and', metadata: location })
    await both({ text: 'and', metadata: location })
    await change(ana, sent, { metadata: null })
    await both({ text: 'and', metadata: null })
    await change(ana, sent, { metadata: poll })
    await change(ana, sent, { metadata: {} })
    await both({ text: 'and', metadata: null })
  })

  test('of a message that is still on its way arrives with it', async () => {
    const [ana, ben] = await friends()
    await send(ana, ben, 'the first')
    await delivered(ana, ben)
    const [faults, stop] = injectFaults(() => 'dropped')
    undo.push(stop)
    const sent = await sendOnly(ana, ben, location)
    await change(ana, sent, { metadata: poll })
    faults.next = () => 'none'
    await delivered(ana, ben)
    expect((await get(ben, ana, sent)).metadata).toEqual(poll)
    expect(await contentOf(ben)).not.toContain(secret)
  })

  test('of the metadata arrives even if it is made in the millisecond of the one before', async () => {
    const [ana, ben] = await friends()
    const sent = await send(ana, ben, 'here')
    await delivered(ana, ben)
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    undo.push(() => vi.useRealTimers())
    for (const metadata of [location, poll]) {
      await change(ana, sent, { metadata })
      await expect.poll(async () => (await get(ben, ana, sent)).metadata).toEqual(metadata)
    }
  })

  test('that says the same in another order changes nothing', async () => {
    const [ana] = await pair()
    const sent = await send(ana, ana, 'a note', { metadata: { a: 1, b: { c: 2, d: 3 } } })
    const same = await change(ana, sent, { metadata: { b: { d: 3, c: 2 }, a: 1 } })
    expect(same).toEqual(sent)
  })

  test.each([
    [{ metadata: null }, '/metadata'],
    [{ metadata: {} }, '/metadata'],
    [{ text: null, metadata: null }, '/text'],
    [{}, '/text'],
  ])('must leave and say something: %j is refused', async (body, pointer) => {
    const [ana] = await pair()
    const sent = await sendOnly(ana, ana, poll)
    const input = { params: { chatId: ana.id, messageId: sent.id }, body }
    const { body: problem } = await refused('editMessage', 'invalid_request', input, { as: ana })
    expect(problem.errors?.map((error) => error.pointer)).toEqual([pointer])
    expect(await get(ana, ana, sent)).toEqual(sent)
  })

  test('is for the author only', async () => {
    const [ana, ben] = await friends()
    const sent = await sendOnly(ana, ben, poll)
    await delivered(ana, ben)
    const input = { params: { chatId: ana.id, messageId: sent.id }, body: { metadata: location } }
    await refused('editMessage', 'not_the_author', input, { as: ben })
  })
})

describe('deleted metadata is in no mailbox', () => {
  const gone = async (...users: TestUser[]) => {
    for (const user of users) expect(await contentOf(user)).not.toContain(secret)
  }

  async function withMessage(): Promise<[TestUser, TestUser, Message]> {
    const [ana, ben] = await friends()
    const sent = await sendOnly(ana, ben, location)
    await delivered(ana, ben)
    for (const user of [ana, ben]) expect(await contentOf(user)).toContain(secret)
    return [ana, ben, sent]
  }

  test('after a deletion for everyone', async () => {
    const [ana, ben, sent] = await withMessage()
    await remove(ana, ben, sent, 'everyone')
    await delivered(ana, ben)
    for (const [user, peer] of [
      [ana, ben],
      [ben, ana],
    ] as const)
      expect(await get(user, peer, sent)).toMatchObject({ metadata: null, deletedAt: expect.any(String) })
    await gone(ana, ben)
  })

  /** A message that its author hides before it has arrived; `faults` keep it back. */
  async function hiddenOnItsWay() {
    const [ana, ben] = await friends()
    await send(ana, ben, 'the first')
    await delivered(ana, ben)
    const [faults, stop] = injectFaults(() => 'dropped')
    undo.push(stop)
    const sent = await sendOnly(ana, ben, location)
    await remove(ana, ben, sent)
    return { ana, ben, sent, faults }
  }

  test('after each side has deleted it for themselves', async () => {
    const [ana, ben, sent] = await withMessage()
    await remove(ana, ben, sent)
    await remove(ben, ana, sent)
    await gone(ana, ben)
  })

  test('after a message was hidden on its way, once it has arrived', async () => {
    const { ana, ben, sent, faults } = await hiddenOnItsWay()
    faults.next = () => 'none'
    await delivered(ana, ben)
    expect((await get(ben, ana, sent)).metadata).toEqual(location)
    await gone(ana)
  })

  test('after it was edited away', async () => {
    const [ana, ben, sent] = await withMessage()
    await change(ana, sent, { metadata: poll })
    await delivered(ana, ben)
    await gone(ana, ben)
  })

  test('after both sides have cleared the chat', async () => {
    const [ana, ben] = await withMessage()
    for (const [user, peer] of [
      [ana, ben],
      [ben, ana],
    ] as const) {
      await ok('clearChat', { params: { chatId: peer.id } }, { as: user })
      while ((await inMailbox(user.id, 'SELECT 1 FROM clearings')).length > 0)
        await runDurableObjectAlarm(stubOf(user.id))
    }
    await gone(ana, ben)
  })

  test('after it was hidden on its way to somebody who has left', async () => {
    const { ana, ben, faults } = await hiddenOnItsWay()
    expect(await contentOf(ana)).toContain(secret)
    await ok('deleteMe', {}, { as: ben })
    faults.next = () => 'none'
    await delivered(ana)
    await gone(ana)
  })
})

describe('what an earlier version does, rolled back to or not upgraded yet,', () => {
  /** Has deliveries say nothing of metadata. */
  const withoutMetadata = () =>
    undo.push(
      interceptCalls(({ method, input, make }) => {
        const [delivery] = input as [Delivery]
        if (method === 'receive')
          for (const fed of [...delivery.creations, ...(delivery.changes?.messages ?? [])]) delete fed.metadata
        return make()
      }),
    )

  test('leaves the metadata of a message whose text it edits', async () => {
    const [ana, ben] = await friends()
    const sent = await send(ana, ben, 'meet me', { metadata: location })
    await delivered(ana, ben)
    withoutMetadata()
    await edit(ana, sent, 'meet me there')
    await delivered(ana, ben)
    expect(await get(ben, ana, sent)).toMatchObject({ text: 'meet me there', metadata: location })
  })

  test('does not show the metadata of a message that it has deleted', async () => {
    const [ana, ben] = await friends()
    const sent = await send(ana, ben, 'meet me', { metadata: location })
    await delivered(ana, ben)
    await alterMailbox(ana.id, `UPDATE messages SET text = '', deleted_at = 1 WHERE id = '${sent.id}'`)
    expect(await get(ana, ben, sent)).toMatchObject({ text: '', metadata: null })
  })
})

test('a page with metadata ends at a megabyte, and the next one goes on from there', async () => {
  const [ana] = await pair()
  const metadata = { fill: '\u0001'.repeat(680) }
  const count = 260
  for (let n = 0; n < count; n++) await send(ana, ana, 'x'.repeat(1_000), { metadata })
  const pages: Page<Message>[] = []
  const read = async (cursor: string | undefined) => {
    const page = await list(ana, ana, { limit: limits.pageMax, ...(cursor !== undefined && { cursor }) })
    pages.push(page)
    return page
  }
  expect(await readAll<Message>(read)).toHaveLength(count)
  for (const page of pages) expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThan(1024 * 1024)
  expect(pages[0]?.items.length).toBeGreaterThan(150)
  expect(pages[0]?.items.length).toBeLessThan(limits.pageMax)
})

test('metadata counts toward what can be sent to somebody who has not accepted, sent or edited', async () => {
  const [stranger, owner] = await pair()
  const metadata = { fill: 'x'.repeat(4_000) }
  const text = '語'.repeat(16_000)
  for (let n = 0; n < 5; n++) await send(stranger, owner, text)
  const last = await send(stranger, owner, 'x'.repeat(15_000))
  const params = { chatId: owner.id }
  const body = { clientMessageId: crypto.randomUUID(), text: 'x'.repeat(4_000), metadata }
  await refused('sendMessage', 'acceptance_required', { params, body }, { as: stranger })
  const input = { params: { ...params, messageId: last.id }, body: { text: 'x'.repeat(4_000), metadata } }
  await refused('editMessage', 'acceptance_required', input, { as: stranger })
  await sendOnly(stranger, owner, metadata)
})
