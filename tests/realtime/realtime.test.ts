import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, test } from 'vitest'
import { remember } from '../../objects/mailbox/realtime/socket-state'
import type { Tokens } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { ServerFrame, Ticket } from '../../schemas/realtime'
import { limits } from '../../src/core/limits'
import { call, ok, refused } from '../support/call'
import { befriend, chat, delivered, pair, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { connect, connectLive, open, type TestSocket } from '../support/socket'
import { newPhoneNumber, newUser, signIn, type TestUser } from '../support/users'

const upgrade = { Upgrade: 'websocket' }

const newTicket = async (user: { accessToken: string }) =>
  (await ok<Ticket>('createRealtimeTicket', {}, { as: user })).ticket

const evict = (user: TestUser) => evictDurableObject(env.MAILBOX.getByName(user.id))

/** Creates a chat and waits until both have it. */
async function meet(one: TestUser, other: TestUser) {
  await befriend(one, other)
  await send(one, other, 'hello')
  const held = () => call('getChat', { params: { chatId: one.id } }, { as: other })
  await expect.poll(async () => (await held()).status).toBe(200)
}

/** Two users with a chat that both have. */
async function friends(): Promise<[TestUser, TestUser]> {
  const [alice, bob] = [await newUser(), await newUser()]
  await meet(alice, bob)
  return [alice, bob]
}

/** One user on two devices. */
async function devices() {
  const phoneNumber = newPhoneNumber()
  const [phone, desk] = [await signIn(phoneNumber), await signIn(phoneNumber)]
  return { id: phone.user.id, phone: phone.tokens, desk: desk.tokens }
}

const brings = (text: string) => (frame: { changes: Changes }) =>
  frame.changes.messages.some((message) => message.text === text)

const texts = (frames: ServerFrame[]) =>
  frames.flatMap((frame) => (frame.type === 'changes' ? frame.changes.messages.map(({ text }) => text) : []))

const changesIn = (frames: ServerFrame[]) => frames.filter((frame) => frame.type === 'changes')

describe('a ticket', () => {
  test('opens one socket in place of the access token', async () => {
    const user = await newUser()
    const ticket = await newTicket(user)
    const socket = await connectLive(user, { ticket })
    await socket.ping()
    await refused('connectRealtime', 'ticket_invalid', { query: { ticket }, headers: upgrade })
  })

  test('is valid for 30 seconds', async () => {
    const user = await newUser()
    const [first, second] = [await newTicket(user), await newTicket(user)]
    await later(20, () => connectLive(user, { ticket: first }))
    await later(30, () => refused('connectRealtime', 'ticket_invalid', { query: { ticket: second }, headers: upgrade }))
  })

  test('of an ended session opens nothing', async () => {
    const user = await newUser()
    const ticket = await newTicket(user)
    await ok('logout', {}, { as: user })
    await refused('connectRealtime', 'session_ended', { query: { ticket }, headers: upgrade })
  })

  test('is rejected when it is made up or belongs to another user or nobody', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    const [, secret, mac] = (await newTicket(alice)).split('.')
    const nobody = `usr_${'0'.repeat(26)}`
    for (const ticket of [
      'tk_',
      `tk_${bob.id}.${secret}.${mac}`,
      `tk_${nobody}.${secret}.${mac}`,
      `tk_${alice.id}.${'A'.repeat(43)}.${mac}`,
      `tk_${alice.id}.${secret}.${'A'.repeat(16)}`,
      `tk_${alice.id}.${secret}`,
    ])
      await refused('connectRealtime', 'ticket_invalid', { query: { ticket }, headers: upgrade })
  })
})

describe('a request for a socket', () => {
  test('that is not an upgrade is told what is required', async () => {
    const user = await newUser()
    for (const headers of [{}, { Upgrade: 'h2c' }]) {
      const answer = await refused('connectRealtime', 'upgrade_required', { headers }, { as: user })
      expect(answer.headers.get('Upgrade')).toBe('websocket')
    }
  })

  test('needs a live session', async () => {
    const user = await newUser()
    await refused('connectRealtime', 'unauthenticated', { headers: upgrade })
    await ok('logout', {}, { as: user })
    await refused('connectRealtime', 'session_ended', { headers: upgrade }, { as: user })
  })

  test('from a page of an origin that is not configured is rejected', async () => {
    const user = await newUser()
    const settings = { CORS_ORIGINS: 'https://app.example.com' }
    const from = (Origin: string) => ({ headers: { ...upgrade, Origin } })
    for (const origin of ['https://evil.example.com', 'null', 'https://app.example.com.evil.example'])
      await refused('connectRealtime', 'origin_not_allowed', from(origin), { as: user, env: settings })
    for (const origin of ['https://app.example.com', 'http://localhost'])
      await open(user, { ...from(origin), env: settings })
    await open(user, { env: settings })
    await open(user, from('https://evil.example.com'))
  })

  test('with subprotocols gets the first of them', async () => {
    const { headers } = await open(await newUser(), { headers: { 'Sec-WebSocket-Protocol': 'chat.v1, other' } })
    expect(headers.get('Sec-WebSocket-Protocol')).toBe('chat.v1')
  })

  test('with a cursor that cannot be read starts with a full copy, as browsers do not see why an upgrade fails', async () => {
    const user = await newUser()
    await send(user, user, 'a note')
    for (const cursor of ['nope', '', 'e30', 'x'.repeat(1_000)]) {
      const socket = await connect(user, { cursor })
      const { changes } = await socket.next('changes')
      expect(changes).toMatchObject({ reset: true, messages: [{ text: 'a note' }] })
      socket.close()
    }
  })
})

describe('changes', () => {
  test('start with a full copy and resume from a cursor with what was missed, then live', async () => {
    const [alice, bob] = await friends()
    const first = await connectLive(bob)
    expect(first.taken.map(({ type }) => type)).toEqual(['changes', 'caughtUp'])
    expect(first.taken[0]).toMatchObject({
      changes: { reset: true, messages: [{ text: 'hello' }], me: { id: bob.id } },
    })
    await send(alice, bob, 'live')
    await first.next('changes', brings('live'))
    await first.untilNow()
    first.close()

    await send(alice, bob, 'missed 1')
    await send(alice, bob, 'missed 2')
    const second = await connectLive(bob, { cursor: first.cursor })
    await send(alice, bob, 'live again')
    await second.next('changes', brings('live again'))
    expect(texts(second.taken)).toEqual(['missed 1', 'missed 2', 'live again'])
    expect(second.taken.some((frame) => frame.type === 'changes' && frame.changes.reset)).toBe(false)
  })

  test('are caught up at once when nothing was missed', async () => {
    const [, bob] = await friends()
    const first = await connectLive(bob)
    await first.untilNow()
    const second = await connect(bob, { cursor: first.cursor })
    await second.untilNow()
    expect(second.taken).toMatchObject([{ type: 'caughtUp', cursor: first.cursor }, { type: 'error' }])
  })

  test('start from now for a client that asks for it, which misses nothing while it reconnects', async () => {
    const [alice, bob] = await pair()
    await send(bob, alice, 'before')
    await delivered(alice, bob)
    const socket = await connect(alice, { from: 'now' })
    const { changes: first } = await socket.next('changes')
    expect(first).toMatchObject({ reset: true, messages: [], chats: [], me: null, hasMore: false })
    expect((await socket.next('caughtUp')).cursor).toBe(first.cursor)
    const live = await send(bob, alice, 'live')
    expect((await socket.next('changes')).changes.messages).toMatchObject([{ id: live.id }])
    socket.close()

    const missed = await send(bob, alice, 'missed')
    await delivered(alice, bob)
    const again = await connect(alice, { from: 'now', cursor: first.cursor })
    const { changes: resumed } = await again.next('changes')
    expect(resumed).toMatchObject({ reset: false, messages: [{ id: live.id }, { id: missed.id }] })
  })

  test('start over with a cursor from another life of the mailbox', async () => {
    const [, bob] = await friends()
    const cursor = Buffer.from(JSON.stringify(['another life', 1_000])).toString('base64url')
    const socket = await connectLive(bob, { cursor })
    expect(socket.taken[0]).toMatchObject({ type: 'changes', changes: { reset: true, messages: [{ text: 'hello' }] } })
  })

  test('deliver each message once, wherever the connection breaks', async () => {
    const [alice, bob] = await friends()
    const sent = Array.from({ length: 30 }, (_, n) => `message ${n}`)
    const seen: string[] = []
    let cursor = (await connectLive(bob)).cursor
    const sending = (async () => {
      for (const text of sent) await send(alice, bob, text)
    })()
    while (seen.length < sent.length) {
      const socket = await connect(bob, { cursor })
      await socket.next('changes')
      await socket.untilNow()
      socket.close()
      seen.push(...texts(socket.taken))
      cursor = socket.cursor
    }
    await sending
    expect(seen).toEqual(sent)
  })

  test('contain what the same user did on another device', async () => {
    const bob = await newUser()
    const alice = await devices()
    const desk = await connectLive(alice.desk)
    const phone = await connectLive(alice.phone)
    const sent = await send({ ...bob, ...alice.phone }, bob, 'from the phone')
    await desk.next('changes', brings('from the phone'))

    await send(bob, alice, 'an answer')
    const { changes } = await phone.next('changes', brings('an answer'))
    const upToMessageId = changes.messages.find(({ text }) => text === 'an answer')?.id ?? ''
    const answer = await phone.ask({ type: 'markRead', chatId: bob.id, upToMessageId })
    expect(answer).toMatchObject({ type: 'ack', chat: { lastReadMessageId: upToMessageId, unreadCount: 0 } })
    await desk.next('changes', (frame) => frame.changes.chats.some((chat) => chat.lastReadMessageId === upToMessageId))
    expect(sent.chatId).toBe(bob.id)
  })
})

describe('flow control:', () => {
  test('a third frame waits for `received` and then brings everything that accumulated', async () => {
    const [alice, bob] = await friends()
    const socket = await connect(bob)
    socket.receives = false
    await socket.next('caughtUp')
    for (const text of ['one', 'two', 'three']) {
      await send(alice, bob, text)
      await expect.poll(() => lastText(bob, alice)).toBe(text)
    }
    await socket.untilNow()
    expect(texts(socket.taken)).toEqual(['hello', 'one'])

    socket.send({ type: 'received', cursor: 'nope' })
    expect(changesIn(await socket.untilNow())).toEqual([])
    const [first] = changesIn(socket.taken)
    socket.send({ type: 'received', cursor: first?.changes.cursor })
    const released = changesIn(await socket.untilNow())
    expect(released).toHaveLength(1)
    expect(texts(released)).toEqual(['two', 'three'])
  })

  test('a long absence arrives in pages, two ahead, and is caught up after the last', async () => {
    const alice = await newUser()
    const sent = Array.from({ length: 2 * limits.pageMax + 50 }, (_, n) => `note ${n}`)
    await Promise.all(sent.map((text) => send(alice, alice, text)))
    const socket = await connect(alice)
    socket.receives = false
    await socket.untilNow()
    expect(socket.taken.map(({ type }) => type)).toEqual(['changes', 'changes', 'error'])
    socket.send({ type: 'received', cursor: socket.cursor })
    await socket.next('caughtUp')
    const pages = changesIn(socket.taken)
    expect(pages.map((frame) => frame.changes.hasMore)).toEqual([true, true, false])
    expect(pages.map((frame) => frame.changes.reset)).toEqual([true, false, false])
    expect(texts(pages).toSorted()).toEqual(sent.toSorted())
  })

  test('a client that does not send `received` for a minute is disconnected', async () => {
    const [alice, bob] = await friends()
    const socket = await connect(bob)
    socket.receives = false
    await socket.next('caughtUp')
    for (const text of ['one', 'two']) await send(alice, bob, text)
    await later(45, () => send(alice, bob, 'three'))
    await expect.poll(() => lastText(bob, alice)).toBe('three')
    await socket.untilNow()
    await later(62, async () => {
      await send(alice, bob, 'four')
      expect(await socket.closed).toMatchObject({ code: 4408 })
    })
  })

  const lastText = async (user: TestUser, peer: TestUser) => (await chat(user, peer)).lastMessage?.text

  /** Of a chat whose last message is long, so that each reply to `markRead` is. */
  const longReplies = async (alice: TestUser, bob: TestUser) => {
    const { id } = await send(alice, bob, `a${'\u0001'.repeat(limits.textCharactersMax - 1)}`)
    const markRead = { type: 'markRead', id: '1', chatId: bob.id, upToMessageId: id } as const
    const bytes = JSON.stringify({ type: 'ack', id: '1', chat: await chat(alice, bob) }).length
    return { markRead, enough: Math.ceil(limits.socketUnreadBytesMax / bytes) + 1 }
  }

  test('a client that reads none of its replies is disconnected when 1 MiB of them waits', async () => {
    const [alice, bob] = await friends()
    const { markRead, enough } = await longReplies(alice, bob)
    const socket = await connectLive(alice)
    socket.receives = false
    for (let n = 0; n < enough; n++) socket.send(markRead)
    expect(await socket.closed).toEqual({ code: 4408, reason: 'not_received' })
  })

  test('a client that reads its replies stays connected, however many they are', async () => {
    const [alice, bob] = await friends()
    const { markRead, enough } = await longReplies(alice, bob)
    const socket = await connectLive(alice)
    const before = changesIn(socket.taken).length
    for (let n = 0; n < 4 * enough; n++) expect(await socket.ask(markRead)).toMatchObject({ type: 'ack' })
    const asked = changesIn(socket.taken).slice(before)
    expect(asked.length).toBeGreaterThan(3)
    expect(texts(asked)).toEqual([])
    await socket.untilNow()
  })

  test('a client that reads none of its peers’ signals is disconnected as well', async () => {
    const [alice, bob] = await friends()
    const [alices, bobs] = [await connectLive(alice), await connectLive(bob)]
    await runInDurableObject(env.MAILBOX.getByName(alice.id), (_, state) => {
      for (const ws of state.getWebSockets()) remember(ws, { unreadBytes: limits.socketUnreadBytesMax - 50 })
    })
    alices.receives = false
    await bobs.ask({ type: 'typing', chatId: alice.id })
    expect(await alices.closed).toMatchObject({ code: 4408 })
  })
})

describe('frames', () => {
  test('create a message once, over either transport and however often they are sent', async () => {
    const [alice, bob] = await friends()
    const [socket, bobs] = [await connectLive(alice), await connectLive(bob)]
    const clientMessageId = crypto.randomUUID()
    const frame = { type: 'sendMessage', chatId: bob.id, clientMessageId, text: 'over the socket' } as const
    const first = await socket.ask(frame)
    const again = await socket.ask(frame)
    const overRest = await send(alice, bob, 'over the socket', { clientMessageId })
    const ids = [first, again].map((answer) => (answer.type === 'ack' ? answer.message?.id : answer.problem.code))
    expect(new Set([...ids, overRest.id]).size).toBe(1)
    expect(await socket.ask({ ...frame, text: 'other' })).toMatchObject({
      problem: { code: 'client_message_id_reused', errors: [{ pointer: '/clientMessageId' }] },
    })
    await bobs.next('changes', brings('over the socket'))
    await socket.untilNow()
    expect(texts(socket.taken).filter((text) => text === 'over the socket').length).toBeGreaterThan(0)
  })

  test('cannot start a chat with a stranger', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    const socket = await connectLive(alice)
    const clientMessageId = crypto.randomUUID()
    for (const request of [
      { type: 'sendMessage', chatId: bob.id, clientMessageId, text: 'hi' },
      { type: 'typing', chatId: bob.id },
    ] as const)
      expect(await socket.ask(request)).toMatchObject({
        type: 'error',
        problem: { code: 'chat_not_found', status: 404 },
      })
    expect(await socket.ask({ type: 'sendMessage', chatId: alice.id, clientMessageId, text: 'note' })).toMatchObject({
      type: 'ack',
    })
  })

  test('that are invalid get a problem, and the connection stays open', async () => {
    const user = await newUser()
    const { socket, headers } = await open(user)
    await socket.next('caughtUp')
    const requestId = headers.get('X-Request-Id')
    const refusedWith = async (data: string | ArrayBuffer, id: string | null, code: string, pointers?: string[]) => {
      socket.sendRaw(data)
      const frame = await socket.next('error')
      expect(frame).toMatchObject({ id, problem: { code, requestId } })
      expect(frame.problem.errors?.map(({ pointer }) => pointer)).toEqual(pointers)
    }
    await refusedWith('{', null, 'malformed_json')
    await refusedWith(new ArrayBuffer(3), null, 'invalid_request')
    await refusedWith('7', null, 'invalid_request', [''])
    await refusedWith('{"type":"nope","id":"1"}', '1', 'invalid_request', ['/type'])
    await refusedWith(`{"type":"typing","id":7,"chatId":"${user.id}"}`, null, 'invalid_request', ['/id'])
    await refusedWith('{"type":"typing","id":"2","chatId":"nope","x":1}', '2', 'invalid_request', ['/chatId', '/x'])
    const empty = { type: 'sendMessage', id: '3', chatId: user.id, clientMessageId: 'a' }
    await refusedWith(JSON.stringify(empty), '3', 'invalid_request', ['/text'])
    await socket.ping()
  })

  const ofBytes = (bytes: number) => '{"id":""}'.padEnd(bytes)

  test.each([
    ['text', (bytes: number) => ofBytes(bytes)],
    ['text of several bytes per character', (bytes: number) => 'é'.repeat(Math.ceil(bytes / 2))],
    ['bytes', (bytes: number) => new ArrayBuffer(bytes)],
  ])('of too many bytes disconnect the client: %s', async (_, frame) => {
    const socket = await connectLive(await newUser())
    socket.sendRaw(frame(limits.jsonBodyBytesMax))
    expect(await socket.next('error')).toMatchObject({ id: null })
    socket.sendRaw(frame(limits.jsonBodyBytesMax + 1))
    expect(await socket.closed).toEqual({ code: 1009, reason: 'frame_too_large' })
  })

  test('of two MiB in ten seconds are read, and one byte more disconnects the client', async () => {
    const socket = await connectLive(await newUser())
    const largest = limits.socketFrameBytesMax / limits.jsonBodyBytesMax
    const fill = async () => {
      for (let n = 0; n < largest; n++) socket.sendRaw(ofBytes(limits.jsonBodyBytesMax))
      for (let n = 0; n < largest; n++) await socket.next('error')
    }
    await socket.untilNow()
    await later(11, fill)
    await later(22, async () => {
      await fill()
      socket.sendRaw(' ')
      expect(await socket.closed).toMatchObject({ code: 4429 })
    })
  })

  test('with many errors get a problem that lists some of them, with short pointers', async () => {
    const user = await newUser()
    const socket = await connectLive(user)
    const unknown = Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`${n}${'🪨'.repeat(60)}`, 1]))
    socket.send({ type: 'typing', id: '1', chatId: user.id, ...unknown })
    const { problem } = await socket.next('error')
    expect(problem.errors).toHaveLength(20)
    expect(problem.errors?.[3]?.pointer).toBe(`/3${'🪨'.repeat(60)}`)
    expect(problem.errors?.[13]?.pointer).toBe(`/13${'🪨'.repeat(60)}`)
    expect(problem.detail).toMatch(/Errors that are not listed: 880\.$/)
  })

  test('above a hundred in ten seconds disconnect the client, and pings do not count', async () => {
    const user = await newUser()
    const socket = await connectLive(user)
    for (let n = 0; n < 150; n++) await socket.ping()
    for (let n = 0; n < 99; n++) await socket.untilNow()
    await later(11, () => socket.untilNow())
    for (let n = 0; n < 101; n++) socket.send({})
    expect(await socket.closed).toMatchObject({ code: 4429 })
  })

  test('of type `received` do not count against the rate limit, as long as they acknowledge changes', async () => {
    const user = await newUser()
    const socket = await connectLive(user)
    for (let n = 0; n < 120; n++) {
      await send(user, user, `note ${n}`)
      await socket.next('changes', brings(`note ${n}`))
    }
    await socket.untilNow()
    for (let n = 0; n < 101; n++) socket.send({ type: 'received', cursor: socket.cursor })
    expect(await socket.closed).toMatchObject({ code: 4429 })
  })
})

describe('a socket ends', () => {
  const closeCode = async (socket: TestSocket) => (await socket.closed).code

  test('with its session, and no other does', async () => {
    const { phone, desk } = await devices()
    const [ended, kept] = [await connectLive(phone), await connectLive(desk)]
    await ok('logout', {}, { as: phone })
    expect(await closeCode(ended)).toBe(4401)
    await kept.untilNow()
  })

  test('when its session is ended by another one', async () => {
    const { phone, desk } = await devices()
    const [first, asking] = [await connectLive(phone), await connectLive(desk)]
    await ok('endSession', { params: { sessionId: phone.sessionId } }, { as: desk })
    expect(await closeCode(first)).toBe(4401)
    await asking.untilNow()

    const more = await devices()
    const second = await connectLive(more.phone)
    await ok('endOtherSessions', {}, { as: more.desk })
    expect(await closeCode(second)).toBe(4401)
  })

  test('when a refresh token is reused', async () => {
    const user = await newUser()
    const socket = await connectLive(user)
    const next = await ok<Tokens>('refreshTokens', { body: { refreshToken: user.refreshToken } })
    await ok('refreshTokens', { body: { refreshToken: next.refreshToken } })
    await later(31, () =>
      refused('refreshTokens', 'refresh_token_reused', { body: { refreshToken: user.refreshToken } }),
    )
    expect(await closeCode(socket)).toBe(4401)
  })

  test('when its session has expired, at the next frame', async () => {
    const socket = await connectLive(await newUser())
    await later(31 * 86_400, async () => {
      socket.send({ type: 'received', cursor: 'nope' })
      expect(await closeCode(socket)).toBe(4401)
    })
  })

  test('when it has been silent for longest of more than twenty', async () => {
    const user = await newUser()
    const sockets: TestSocket[] = []
    // Even when all of them open in the same millisecond.
    await later(0, async () => {
      for (let n = 0; n < limits.socketsMax; n++) sockets.push(await connectLive(user))
    })
    const [spoken, silent, ...others] = sockets
    await spoken?.ping()
    const last = await connectLive(user)
    expect(await silent?.closed).toMatchObject({ code: 4409 })
    for (const socket of [spoken, ...others, last]) await socket?.ping()
  })
})

describe('after its mailbox is evicted, a socket', () => {
  test('gets the next message and answers', async () => {
    const [alice, bob] = await friends()
    const socket = await connectLive(bob)
    await evict(bob)
    await send(alice, bob, 'after the eviction')
    await socket.next('changes', brings('after the eviction'))
    await evict(bob)
    await socket.ping()
    expect(await socket.ask({ type: 'typing', chatId: alice.id })).toMatchObject({ type: 'ack' })
    expect(texts(socket.taken)).toEqual(['hello', 'after the eviction'])
  })

  test('still waits for `received`', async () => {
    const [alice, bob] = await friends()
    const socket = await connect(bob)
    socket.receives = false
    await socket.next('caughtUp')
    await send(alice, bob, 'one')
    await socket.next('changes', brings('one'))
    await evict(bob)
    await send(alice, bob, 'two')
    await socket.untilNow()
    expect(texts(socket.taken)).toEqual(['hello', 'one'])
  })

  test('ends with its session', async () => {
    const [, bob] = await friends()
    const socket = await connectLive(bob)
    await evict(bob)
    await ok('logout', {}, { as: bob })
    expect(await socket.closed).toMatchObject({ code: 4401 })
  })

  test('still counts as presence and keeps its presence subscription', async () => {
    const [alice, bob] = await friends()
    const [watching, watched] = [await connectLive(alice), await connectLive(bob)]
    await evict(bob)
    await watching.ask({ type: 'presence', userIds: [bob.id] })
    expect(await watching.next('presence')).toMatchObject({ userId: bob.id, online: true, lastSeenAt: null })
    await evict(alice)
    await evict(bob)
    watched.close()
    expect(await watching.next('presence')).toMatchObject({ userId: bob.id, online: false })
  })
})

describe('typing', () => {
  test('is shown to the devices of the peer, and to nobody else', async () => {
    const [alice, bob] = await friends()
    const carol = await newUser()
    await meet(carol, bob)
    const [alices, bobs, carols] = [await connectLive(alice), await connectLive(bob), await connectLive(carol)]
    expect(await alices.ask({ type: 'typing', chatId: bob.id })).toMatchObject({ type: 'ack' })
    expect(await bobs.next('typing')).toEqual({ type: 'typing', chatId: alice.id, userId: alice.id })
    for (const socket of [alices, carols]) {
      await socket.untilNow()
      expect(socket.taken.some(({ type }) => type === 'typing')).toBe(false)
    }
  })

  test.each(['typist', 'reader'])('is not shown when the %s has blocked the other', async (who) => {
    const [alice, bob] = await friends()
    const carol = await newUser()
    await meet(carol, bob)
    const [alices, bobs, carols] = [await connectLive(alice), await connectLive(bob), await connectLive(carol)]
    const [blocker, blocked] = who === 'typist' ? [alice, bob] : [bob, alice]
    await ok('blockUser', { params: { userId: blocked.id } }, { as: blocker })
    expect(await alices.ask({ type: 'typing', chatId: bob.id })).toMatchObject({ type: 'ack' })
    await carols.ask({ type: 'typing', chatId: bob.id })
    expect(await bobs.next('typing')).toMatchObject({ userId: carol.id })
    await bobs.untilNow()
    expect(bobs.taken.filter(({ type }) => type === 'typing')).toHaveLength(1)
  })
})

describe('presence', () => {
  const watch = async (socket: TestSocket, ...users: TestUser[]) => {
    const answer = await socket.ask({ type: 'presence', userIds: users.map(({ id }) => id) })
    expect(answer).toMatchObject({ type: 'ack' })
  }
  const presence = async (socket: TestSocket) => {
    const { userId, online, lastSeenAt } = await socket.next('presence')
    return { userId, online, lastSeenAt }
  }

  /** What one mailbox sends to another arrives in order, so nothing sent before this is still in transit. */
  const typesTo = async (reader: TestSocket, user: TestUser, typist: TestSocket, peer: TestUser) => {
    await typist.ask({ type: 'typing', chatId: peer.id })
    expect(await reader.next('typing')).toMatchObject({ userId: user.id })
  }

  test('is sent on request and when it changes', async () => {
    const [alice, bob] = await friends()
    const alices = await connectLive(alice)
    await watch(alices, bob)
    expect(await presence(alices)).toEqual({ userId: bob.id, online: false, lastSeenAt: null })
    const bobs = await connectLive(bob)
    expect(await presence(alices)).toEqual({ userId: bob.id, online: true, lastSeenAt: null })
    const second = await connectLive(bob)
    bobs.close()
    await second.untilNow()
    second.close()
    const { online, lastSeenAt } = await presence(alices)
    expect(online).toBe(false)
    expect(Math.abs(Date.parse(lastSeenAt ?? '') - Date.now())).toBeLessThan(30_000)
    await watch(alices, bob)
    expect(await presence(alices)).toEqual({ userId: bob.id, online: false, lastSeenAt })
  })

  test('ends 90 seconds after a device falls silent', async () => {
    const [alice, bob] = await friends()
    await connectLive(bob)
    const alices = await connectLive(alice)
    for (const [seconds, online] of [
      [70, true],
      [91, false],
    ] as const) {
      const seen = await later(seconds, async () => {
        await watch(alices, bob)
        return presence(alices)
      })
      expect(seen.online).toBe(online)
      if (!online) expect(Math.abs(Date.parse(seen.lastSeenAt ?? '') - Date.now())).toBeLessThan(30_000)
    }
  })

  test('is kept alive by pings alone, which the mailbox does not see', async () => {
    const [alice, bob] = await friends()
    const bobs = await connectLive(bob)
    await bobs.untilNow()
    await runInDurableObject(env.MAILBOX.getByName(bob.id), (_, state) => {
      for (const ws of state.getWebSockets()) remember(ws, { heardAt: Date.now() - 2 * limits.presenceFreshMs })
    })
    const alices = await connectLive(alice)
    await watch(alices, bob)
    expect(await presence(alices)).toMatchObject({ online: false })
    await bobs.ping()
    await watch(alices, bob)
    expect(await presence(alices)).toMatchObject({ online: true })
  })

  test('ends with the session of the last device', async () => {
    const [alice, bob] = await friends()
    await connectLive(bob)
    const alices = await connectLive(alice)
    await watch(alices, bob)
    expect(await presence(alices)).toMatchObject({ online: true })
    await ok('logout', {}, { as: bob })
    expect(await presence(alices)).toMatchObject({ online: false })
  })

  test('of strangers and of yourself is never online', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    await send(alice, alice, 'note')
    const [alices] = [await connectLive(alice), await connectLive(bob)]
    await watch(alices, bob, alice)
    const seen = [await presence(alices), await presence(alices)]
    expect(seen.map(({ online }) => online)).toEqual([false, false])
    expect(new Set(seen.map(({ userId }) => userId))).toEqual(new Set([alice.id, bob.id]))
  })

  test.each(['watcher', 'watched'])('is not revealed when the %s has blocked the other', async (who) => {
    const [alice, bob] = await friends()
    const carol = await newUser()
    await meet(bob, carol)
    const [alices, bobs, carols] = [await connectLive(alice), await connectLive(bob), await connectLive(carol)]
    for (const socket of [alices, carols]) {
      await watch(socket, bob)
      expect(await presence(socket)).toMatchObject({ online: true })
    }
    const [blocker, blocked] = who === 'watcher' ? [alice, bob] : [bob, alice]
    const from = Date.now()
    await ok('blockUser', { params: { userId: blocked.id } }, { as: blocker })
    const to = Date.now()
    // Whoever is blocked sees what they would see if the other had left then.
    const left = who === 'watched' ? await presence(alices) : { userId: bob.id, online: false, lastSeenAt: null }
    if (who === 'watched') {
      const lastSeenAt = Date.parse(left.lastSeenAt ?? '')
      expect([left.online, lastSeenAt >= from, lastSeenAt <= to]).toEqual([false, true, true])
    }
    await watch(alices, bob)
    expect(await presence(alices)).toEqual(left)
    bobs.close()
    expect(await presence(carols)).toMatchObject({ online: false })
    await connectLive(bob)
    expect(await presence(carols)).toMatchObject({ online: true })
    expect((await alices.untilNow()).filter(({ type }) => type === 'presence')).toEqual([])
    await watch(alices, bob)
    expect(await presence(alices)).toEqual(left)
  })

  test('is no longer sent once the client subscribes to others, or its subscription is an hour old', async () => {
    const [alice, bob] = await friends()
    const carol = await newUser()
    await meet(alice, carol)
    const [alices, other] = [await connectLive(alice), await connectLive(alice)]
    await watch(alices, bob)
    await presence(alices)
    await watch(alices, carol)
    await presence(alices)
    await watch(other, bob)
    await presence(other)
    const bobs = await connectLive(bob)
    expect(await presence(other)).toMatchObject({ userId: bob.id, online: true })
    await alices.untilNow()
    expect(alices.taken.filter((frame) => frame.type === 'presence' && frame.userId === bob.id)).toHaveLength(1)
    await later(3_601, async () => {
      bobs.close()
      const renewed = await ok<Tokens>('refreshTokens', { body: { refreshToken: bob.refreshToken } })
      await typesTo(other, bob, await connectLive(renewed), alice)
    })
    expect(other.taken.filter(({ type }) => type === 'presence')).toHaveLength(2)
  })

  test('can be hidden and shown again', async () => {
    const [alice, bob] = await friends()
    await ok('updateMe', { body: { presenceHidden: true } }, { as: bob })
    const bobs = await connectLive(bob)
    const alices = await connectLive(alice)
    await watch(alices, bob)
    expect(await presence(alices)).toEqual({ userId: bob.id, online: false, lastSeenAt: null })
    await ok('updateMe', { body: { presenceHidden: false } }, { as: bob })
    expect(await presence(alices)).toEqual({ userId: bob.id, online: true, lastSeenAt: null })
    await ok('updateMe', { body: { presenceHidden: true } }, { as: bob })
    expect(await presence(alices)).toEqual({ userId: bob.id, online: false, lastSeenAt: null })
    bobs.close()
    await typesTo(alices, bob, await connectLive(bob), alice)
    expect(alices.taken.filter(({ type }) => type === 'presence')).toHaveLength(3)
  })
})
