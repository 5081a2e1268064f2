import { describe, expect, test, vi } from 'vitest'
import type { Chats, UnreadCount } from '../../schemas/chat'
import type { Message } from '../../schemas/message'
import { call, ok, refused } from '../support/call'
import { chat, delivered, friends, get, list, markRead, pair, remove, send } from '../support/chat-calls'
import { newUser, type TestUser } from '../support/users'

const sendTo = (from: TestUser, chatId: string, body: object) =>
  call<Message>(
    'sendMessage',
    { params: { chatId }, body: { clientMessageId: crypto.randomUUID(), ...body } },
    { as: from },
  )

describe('sending a message', () => {
  test('creates the chat on both sides, with the other user as its peer', async () => {
    const [alice, bob] = await pair()
    await ok('updateMe', { body: { firstName: 'Alice' } }, { as: alice })
    const message = await send(alice, bob, 'hello')
    await delivered(alice, bob)
    expect(await chat(bob, alice)).toMatchObject({
      kind: 'direct',
      peer: { id: alice.id, firstName: 'Alice' },
      unreadCount: 1,
      lastMessage: { id: message.id, text: 'hello', senderId: alice.id, status: null, clientMessageId: null },
    })
    expect(await chat(alice, bob)).toMatchObject({
      peer: { id: bob.id },
      unreadCount: 0,
      deliveredUpToMessageId: message.id,
    })
  })

  test('distinguishes sent, delivered and read', async () => {
    const [alice, bob] = await friends()
    const message = await send(alice, bob, 'hello')
    expect(message.status).toBe('sent')
    await delivered(alice, bob)
    expect((await get(alice, bob, message)).status).toBe('delivered')
    await markRead(bob, alice, message)
    await delivered(alice, bob)
    expect((await get(alice, bob, message)).status).toBe('read')
    expect((await chat(alice, bob)).readUpToMessageId).toBe(message.id)
  })

  test('again with the same clientMessageId returns the message as it is now and never creates another', async () => {
    const [alice, bob] = await pair()
    const body = { clientMessageId: 'once', text: 'hello' }
    const first = await sendTo(alice, bob.id, body)
    const retries = await Promise.all(Array.from({ length: 20 }, () => sendTo(alice, bob.id, body)))
    expect(first.status).toBe(201)
    expect(new Set(retries.map(({ status, body: { id } }) => `${status} ${id}`))).toEqual(
      new Set([`200 ${first.body.id}`]),
    )
    await ok(
      'editMessage',
      { params: { chatId: bob.id, messageId: first.body.id }, body: { text: 'bye' } },
      { as: alice },
    )
    expect((await sendTo(alice, bob.id, body)).body).toMatchObject({ id: first.body.id, text: 'bye' })
    await delivered(alice, bob)
    expect((await list(bob, alice)).items).toHaveLength(1)
  })

  test('with the clientMessageId of another message is a conflict', async () => {
    const [alice, bob] = await pair()
    const carol = await newUser()
    await sendTo(alice, bob.id, { clientMessageId: 'once', text: 'hello' })
    const conflict = (chatId: string, text: string) =>
      refused(
        'sendMessage',
        'client_message_id_reused',
        { params: { chatId }, body: { clientMessageId: 'once', text } },
        { as: alice },
      )
    await conflict(bob.id, 'other text')
    await conflict(carol.id, 'hello')
    await conflict(alice.id, 'hello')
    await refused('getChat', 'chat_not_found', { params: { chatId: carol.id } }, { as: alice })
  })

  test('to your own id keeps notes', async () => {
    const alice = await newUser()
    const note = await send(alice, alice, 'milk')
    expect(note).toMatchObject({ status: 'read', senderId: alice.id, chatId: alice.id })
    expect(await chat(alice, alice)).toMatchObject({ kind: 'self', peer: null, unreadCount: 0 })
    const edited = await ok<Message>(
      'editMessage',
      { params: { chatId: alice.id, messageId: note.id }, body: { text: 'oat milk' } },
      { as: alice },
    )
    expect(edited.text).toBe('oat milk')
    await delivered(alice)
  })

  test('of 16,000 characters outside the Basic Multilingual Plane delivers them all', async () => {
    const [alice, bob] = await pair()
    const text = '𝄞'.repeat(16_000)
    await send(alice, bob, text)
    await delivered(alice, bob)
    expect((await list(bob, alice)).items[0]?.text).toBe(text)
  })

  test.for([
    [{ text: '' }, '/text'],
    [{ text: 'x'.repeat(16_001) }, '/text'],
    [{ text: 'a\0b' }, '/text'],
    [{ text: '\udc00' }, '/text'],
    [{ text: 5 }, '/text'],
    [{}, '/text'],
    [{ text: 'x', clientMessageId: '' }, '/clientMessageId'],
    [{ text: 'x', clientMessageId: undefined }, '/clientMessageId'],
    [{ text: 'x', clientMessageId: 'x'.repeat(65) }, '/clientMessageId'],
    [{ text: 'x', replyToId: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC' }, '/replyToId'],
    [{ text: 'x', attachmentFileIds: ['nope'] }, '/attachmentFileIds/0'],
    [{ text: 'x', attachmentFileIds: 'nope' }, '/attachmentFileIds'],
    [{ text: 'x', surprise: true }, '/surprise'],
  ] as const)('with %j is rejected, names the field and stores nothing', async ([body, pointer]) => {
    const [alice, bob] = await pair()
    const { body: problem } = await refused(
      'sendMessage',
      'invalid_request',
      {
        params: { chatId: bob.id },
        body: { clientMessageId: 'id', ...body },
      },
      { as: alice },
    )
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
    await refused('getChat', 'chat_not_found', { params: { chatId: bob.id } }, { as: alice })
  })

  test('to an id that belongs to nobody finds no chat', async () => {
    const alice = await newUser()
    await refused(
      'sendMessage',
      'chat_not_found',
      {
        params: { chatId: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC' },
        body: { clientMessageId: 'id', text: 'hello' },
      },
      { as: alice },
    )
  })
})

describe('a reply', () => {
  test('carries the quoted message as it stood at the time', async () => {
    const [alice, bob] = await pair()
    const question = await send(alice, bob, 'where?')
    await delivered(alice, bob)
    const answer = await send(bob, alice, 'there', { replyToId: question.id })
    expect(answer.replyTo).toEqual({ id: question.id, senderId: alice.id, text: 'where?' })
    await ok(
      'editMessage',
      { params: { chatId: bob.id, messageId: question.id }, body: { text: 'when?' } },
      { as: alice },
    )
    await delivered(alice, bob)
    expect((await get(alice, bob, answer)).replyTo).toEqual({ id: question.id, senderId: alice.id, text: 'where?' })
  })

  test('never sorts before the message it quotes, whatever the clocks say', async () => {
    const [alice, bob] = await pair()
    const messages: Message[] = []
    for (let n = 0; n < 4; n++) {
      const [from, to] = n % 2 === 0 ? [alice, bob] : [bob, alice]
      const previous = messages.at(-1)
      // Alice's clock is minutes ahead of Bob's.
      if (from === alice) vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 5 * 60_000 })
      messages.push(await send(from, to, `turn ${n}`, previous && { replyToId: previous.id }))
      vi.useRealTimers()
      await delivered(alice, bob)
    }
    const ids = messages.map(({ id }) => id)
    expect(ids).toEqual([...ids].sort())
    expect((await list(alice, bob)).items.map(({ id }) => id).reverse()).toEqual(ids)
    expect((await list(bob, alice)).items.map(({ id }) => id).reverse()).toEqual(ids)
  })

  test('loses its quote on both sides when the quoted message is deleted for everyone', async () => {
    const [alice, bob] = await pair()
    const question = await send(alice, bob, 'a secret')
    await delivered(alice, bob)
    const answer = await send(bob, alice, 'oh', { replyToId: question.id })
    await delivered(alice, bob)
    await remove(alice, bob, question, 'everyone')
    await delivered(alice, bob)
    for (const [user, peer] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      expect((await get(user, peer, answer)).replyTo?.text).toBe('')
      expect(JSON.stringify(await list(user, peer))).not.toContain('a secret')
    }
  })

  test('can quote only a message of the same chat that still exists', async () => {
    const [alice, bob] = await pair()
    const carol = await newUser()
    const elsewhere = await send(alice, carol, 'elsewhere')
    const gone = await send(alice, bob, 'gone')
    await remove(alice, bob, gone, 'everyone')
    for (const replyToId of [elsewhere.id, gone.id, 'msg_01KAT5Q9V6F2X4J8S0A3G5K7HB']) {
      const { body } = await refused(
        'sendMessage',
        'reply_target_unusable',
        {
          params: { chatId: bob.id },
          body: { clientMessageId: crypto.randomUUID(), text: 'x', replyToId },
        },
        { as: alice },
      )
      expect(body.errors?.[0]?.pointer).toBe('/replyToId')
    }
  })
})

describe('editing a message', () => {
  test('is only for its author, and not for a deleted message', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'hello')
    await delivered(alice, bob)
    const editAs = (user: TestUser, peer: TestUser) => ({
      params: { chatId: peer.id, messageId: message.id },
      body: { text: 'changed' },
      as: user,
    })
    const { as, ...input } = editAs(bob, alice)
    await refused('editMessage', 'not_the_author', input, { as })
    await remove(alice, bob, message, 'everyone')
    await refused(
      'editMessage',
      'message_deleted',
      { params: input.params && { chatId: bob.id, messageId: message.id }, body: input.body },
      { as: alice },
    )
  })

  test('with the same text changes nothing', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'hello')
    const same = await ok<Message>(
      'editMessage',
      { params: { chatId: bob.id, messageId: message.id }, body: { text: 'hello' } },
      { as: alice },
    )
    expect(same.editedAt).toBeNull()
  })
})

describe('deleting a message', () => {
  test('for everyone blanks it on both sides and leaves a placeholder', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'a secret')
    await delivered(alice, bob)
    await refused(
      'deleteMessage',
      'not_the_author',
      { params: { chatId: alice.id, messageId: message.id }, query: { scope: 'everyone' } },
      { as: bob },
    )
    expect((await remove(alice, bob, message, 'everyone')).status).toBe(204)
    expect((await remove(alice, bob, message, 'everyone')).status).toBe(204)
    await delivered(alice, bob)
    for (const [user, peer] of [
      [alice, bob],
      [bob, alice],
    ] as const)
      expect(await get(user, peer, message)).toMatchObject({ text: '', attachments: [], deletedAt: expect.any(String) })
    expect((await chat(bob, alice)).unreadCount).toBe(0)
  })

  test('for me hides it on one side only', async () => {
    const [alice, bob] = await pair()
    const first = await send(alice, bob, 'first')
    const second = await send(alice, bob, 'second')
    await delivered(alice, bob)
    expect((await remove(bob, alice, second)).status).toBe(204)
    expect((await remove(bob, alice, second)).status).toBe(204)
    await refused(
      'getMessage',
      'message_not_found',
      { params: { chatId: alice.id, messageId: second.id } },
      { as: bob },
    )
    expect((await list(bob, alice)).items.map(({ id }) => id)).toEqual([first.id])
    expect(await chat(bob, alice)).toMatchObject({ unreadCount: 1, lastMessage: { id: first.id } })
    expect((await list(alice, bob)).items).toHaveLength(2)
  })

  test('for me before it is delivered does not keep it from the peer', async () => {
    const [alice, bob] = await pair()
    const message = await send(alice, bob, 'hello')
    await remove(alice, bob, message, 'me')
    await delivered(alice, bob)
    expect((await list(bob, alice)).items.map(({ text }) => text)).toEqual(['hello'])
    expect((await list(alice, bob)).items).toEqual([])
  })
})

describe('reading', () => {
  test('moves one read mark that never goes back and leaves later messages unread', async () => {
    const [alice, bob] = await pair()
    const messages = []
    for (let n = 0; n < 5; n++) messages.push(await send(alice, bob, `${n}`))
    await delivered(alice, bob)
    const [first, , third] = messages
    if (!first || !third) throw new Error('Expected five messages')
    expect((await chat(bob, alice)).unreadCount).toBe(5)
    expect(await markRead(bob, alice, third)).toMatchObject({ unreadCount: 2, lastReadMessageId: third.id })
    expect(await markRead(bob, alice, first)).toMatchObject({ unreadCount: 2, lastReadMessageId: third.id })
    expect(await ok<UnreadCount>('getUnreadCount', {}, { as: bob })).toEqual({
      messages: 2,
      chats: 1,
      complete: true,
      withoutMuted: { messages: 2, chats: 1 },
    })
  })

  test('up to your own message marks what came before it', async () => {
    const [alice, bob] = await pair()
    const question = await send(alice, bob, 'question')
    await delivered(alice, bob)
    const answer = await send(bob, alice, 'answer')
    expect(await markRead(bob, alice, answer)).toMatchObject({ unreadCount: 0, lastReadMessageId: question.id })
  })
})

describe('pages', () => {
  test('of a chat are newest first and contain every message once, in both directions', async () => {
    const [alice, bob] = await pair()
    const ids: string[] = []
    for (let n = 0; n < 9; n++) ids.push((await send(alice, bob, `${n}`)).id)
    const walk = async (query: Record<string, string | number>) => {
      const pages: string[][] = []
      let page = await list(alice, bob, { limit: 2, ...query })
      for (;;) {
        pages.push(page.items.map(({ id }) => id))
        if (page.nextCursor === null) return pages
        page = await list(alice, bob, { limit: 2, cursor: page.nextCursor })
      }
    }
    expect((await walk({})).flat()).toEqual(ids.toReversed())
    expect((await walk({ before: ids[4] ?? '' })).flat()).toEqual(ids.slice(0, 4).toReversed())
    const newer = await walk({ after: ids[4] ?? '' })
    expect(newer).toEqual([
      [ids[6], ids[5]],
      [ids[8], ids[7]],
    ])
    const { items } = await list(alice, bob, { around: ids[4] ?? '', limit: 4 })
    expect(items.map(({ id }) => id)).toEqual([ids[5], ids[4], ids[3], ids[2]])
  })

  test.for([
    [{ limit: 201 }, '/query/limit'],
    [{ limit: 0 }, '/query/limit'],
    [{ limit: 'ten' }, '/query/limit'],
    [{ cursor: 'nonsense' }, '/query/cursor'],
    [{ before: 'nonsense' }, '/query/before'],
    [{ before: 'msg_01KAT5Q9V6F2X4J8S0A3G5K7HB', after: 'msg_01KAT5Q9V6F2X4J8S0A3G5K7HB' }, '/query/cursor'],
  ] as const)('reject %j and name the parameter', async ([query, pointer]) => {
    const [alice, bob] = await pair()
    await send(alice, bob, 'hello')
    const { body } = await refused(
      'listMessages',
      'invalid_request',
      { params: { chatId: bob.id }, query },
      { as: alice },
    )
    expect(body.errors?.[0]?.pointer).toBe(pointer)
  })

  test('next to a message of another chat are not found', async () => {
    const [alice, bob] = await pair()
    const carol = await newUser()
    await send(alice, bob, 'hello')
    const elsewhere = await send(alice, carol, 'elsewhere')
    for (const at of ['before', 'after', 'around'])
      await refused(
        'listMessages',
        'message_not_found',
        { params: { chatId: bob.id }, query: { [at]: elsewhere.id } },
        { as: alice },
      )
  })

  test('of the chat list are ordered by latest message', async () => {
    const alice = await newUser()
    const peers = [await newUser(), await newUser(), await newUser()]
    for (const peer of peers) await send(alice, peer, 'hello')
    const [oldest] = peers
    if (!oldest) throw new Error('Expected three peers')
    await send(alice, oldest, 'again')
    const expected = [peers[0], peers[2], peers[1]].map((peer) => peer?.id)
    const first = await ok<Chats>('listChats', { query: { limit: 2 } }, { as: alice })
    const second = await ok<Chats>('listChats', { query: { limit: 2, cursor: first.nextCursor ?? '' } }, { as: alice })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(expected)
    expect(second.nextCursor).toBeNull()
    expect(first.items[0]?.lastMessage?.text).toBe('again')
  })
})

test("a stranger's chat is indistinguishable from one that never existed", async () => {
  const [alice, bob] = await pair()
  const eve = await newUser()
  const message = await send(alice, bob, 'for bob')
  await delivered(alice, bob)
  const nobody = 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC'
  const inputs = {
    getChat: {},
    listMessages: {},
    getMessage: { messageId: message.id },
    editMessage: { messageId: message.id },
    deleteMessage: { messageId: message.id },
    markChatRead: {},
  }
  const bodies: Record<string, object> = {
    editMessage: { text: 'mine' },
    markChatRead: { upToMessageId: message.id },
  }
  for (const [operation, params] of Object.entries(inputs)) {
    const answers = []
    for (const chatId of [alice.id, bob.id, nobody]) {
      const body = bodies[operation]
      const answer = await refused(
        operation,
        'chat_not_found',
        { params: { chatId, ...params }, ...(body && { body }) },
        { as: eve },
      )
      answers.push({ ...answer.body, requestId: '' })
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size, operation).toBe(1)
  }
})
