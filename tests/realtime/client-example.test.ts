// The client that apps copy (examples/typescript), against the worker.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answer, Refused } from '../../examples/typescript/problem'
import { chatsOf, messagesOf } from '../../examples/typescript/state'
import type { Pending } from '../../examples/typescript/store'
import type { Chats } from '../../schemas/chat'
import type { Messages } from '../../schemas/message'
import type { Sessions } from '../../schemas/session'
import { limits } from '../../src/core/limits'
import { ok } from '../support/call'
import { delivered, edit, list, markRead, react, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { chatting, type Device, signedIn, startChat, textsOf, untilLive } from '../support/example-client'
import { configureMailbox } from '../support/rotation'
import { newUser } from '../support/users'

/** Seconds: past its ten minutes and the tolerance for clock skew. */
const accessTokenExpired = 700
const refresh = 'POST /v1/auth/refresh'

describe('the client’s session', () => {
  test('sends the access token with calls that need it, and with no others', async () => {
    const { client, id, network } = await signedIn()
    expect((await answer(client.http.GET('/v1/me'))).id).toBe(id)
    expect(network.requests).toEqual(['POST /v1/auth/otp', 'POST /v1/auth/otp/verify', 'GET /v1/me'])
  })

  test('refreshes once for all calls that find the access token expired, and their bodies survive', async () => {
    const { client, network, tokens } = await signedIn()
    const first = tokens.tokens
    await later(accessTokenExpired, async () => {
      const [me, changed, chats] = await Promise.all([
        answer(client.http.GET('/v1/me')),
        answer(client.http.PATCH('/v1/me', { body: { firstName: 'Ana' } })),
        answer(client.http.GET('/v1/chats')),
      ])
      expect([me.firstName === null || me.firstName === 'Ana', changed.firstName, chats.items]).toEqual([
        true,
        'Ana',
        [],
      ])
      expect(network.count(refresh)).toBe(1)
      await answer(client.http.GET('/v1/me'))
    })
    expect(network.count(refresh)).toBe(1)
    expect(tokens.saves).toBe(2)
    expect(tokens.tokens?.refreshToken).not.toBe(first?.refreshToken)
  })

  test('uploads the same bytes when the access token has expired in the meantime', async () => {
    const { client, network } = await signedIn()
    const file = new Blob(['a picture, or so'], { type: 'text/plain' })
    const stored = await later(accessTokenExpired, () => client.upload(file, 'picture.txt'))
    expect(stored).toMatchObject({ name: 'picture.txt', size: file.size })
    expect([network.count(refresh), network.count('POST /v1/files')]).toEqual([1, 2])
  })

  test('keeps its tokens while it cannot refresh, and says why', async () => {
    const { client, network, tokens, ended } = await signedIn()
    const held = tokens.tokens
    await later(accessTokenExpired, async () => {
      network.intercept = ({ url }) =>
        url.endsWith('/refresh') ? new Response('<h1>Bad gateway</h1>', { status: 502 }) : undefined
      await expect(client.http.GET('/v1/me')).rejects.toThrow('502')
      network.intercept = ({ url }) => {
        if (url.endsWith('/refresh')) throw new TypeError('There is no network.')
        return undefined
      }
      await expect(client.http.GET('/v1/me')).rejects.toThrow('There is no network.')
      expect([tokens.tokens, ended]).toEqual([held, 0])
      network.intercept = () => undefined
      await answer(client.http.GET('/v1/me'))
    })
  })

  test('picks up the tokens that another tab has refreshed', async () => {
    const { client, network, tokens } = await signedIn()
    await later(accessTokenExpired, async () => {
      const old = tokens.tokens
      await answer(client.http.GET('/v1/me'))
      const fresh = tokens.tokens
      let loads = 0
      tokens.load = () => (loads++ === 0 ? old : fresh)
      await answer(client.http.GET('/v1/me'))
    })
    expect(network.count(refresh)).toBe(1)
  })

  test('ends when the server says so: no token is left, and the app is told', async () => {
    const device = await signedIn()
    await ok('logout', {}, { as: device })
    const refused = await answer(device.client.http.GET('/v1/me')).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Refused)
    expect(refused).toMatchObject({ problem: { code: 'session_ended' } })
    expect([device.tokens.tokens, device.ended]).toEqual([undefined, 1])
  })

  test('stays signed out after a sign-out during a refresh', async () => {
    const device = await signedIn()
    await later(accessTokenExpired, async () => {
      device.network.intercept = ({ url }) => {
        if (url.endsWith('/refresh')) device.tokens.clear()
        return undefined
      }
      await device.client.http.GET('/v1/me')
    })
    expect(device.tokens.tokens).toBeUndefined()
  })

  test('signs out with and without a network', async () => {
    const device = await signedIn()
    await device.client.signOut()
    expect([device.tokens.tokens, device.ended]).toEqual([undefined, 1])
    const other = await signedIn()
    other.network.isUp = false
    await other.client.signOut()
    expect([other.tokens.tokens, other.ended]).toEqual([undefined, 1])
  })
})

describe('the client’s outbox', () => {
  test('sends the first message over HTTP and the next over the socket', async () => {
    const [ana, ben] = [await chatting(), await newUser()]
    const path = `POST /v1/chats/${ben.id}/messages`
    await ana.chat.outbox.send(ben.id, { text: 'first' })
    expect([...ana.store.outbox.values()]).toMatchObject([{ chatId: ben.id, message: { text: 'first' } }])
    await expect.poll(() => ana.store.outbox.size).toBe(0)
    expect(ana.network.count(path)).toBe(1)
    await ana.chat.outbox.send(ben.id, { text: 'second' })
    await expect.poll(() => ana.store.outbox.size).toBe(0)
    expect(ana.network.count(path)).toBe(1)
    expect(textsOf(ana, ben)).toEqual(['first', 'second'])
  })

  test('sends over HTTP while there is no socket', async () => {
    const [ana, ben] = [await chatting(), await newUser()]
    ana.chat.realtime.stop()
    await ana.code
    await ana.chat.outbox.resume()
    await ana.chat.outbox.send(ben.id, { text: 'hello' })
    await expect.poll(() => ana.store.outbox.size).toBe(0)
    expect((await list(ana, ben)).items.map(({ text }) => text)).toEqual(['hello'])
  })

  test('keeps the order and creates each message once when the response is lost with the connection', async () => {
    const [ana, ben] = [await chatting(), await newUser()]
    await send(ana, ben, 'before')
    await expect.poll(() => textsOf(ana, ben)).toEqual(['before'])
    ana.network.socket.isMute = true
    await ana.chat.outbox.send(ben.id, { text: 'one' })
    await ana.chat.outbox.send(ben.id, { text: 'two' })
    await expect.poll(async () => (await list(ana, ben)).items.length).toBe(2)
    expect(ana.network.socket.sent.filter((text) => text.includes('sendMessage'))).toHaveLength(1)
    expect([...ana.store.outbox.values()].map(({ message }) => message.text)).toEqual(['one', 'two'])
    ana.network.isUp = false
    ana.network.socket.cut()
    ana.network.isUp = true
    ana.chat.wake()
    await expect.poll(() => ana.store.outbox.size).toBe(0)
    await untilLive(ana, 2)
    const texts = ['before', 'one', 'two']
    expect((await list(ana, ben)).items.map(({ text }) => text)).toEqual(texts.toReversed())
    expect(textsOf(ana, ben)).toEqual(texts)
  })

  test('survives a restart of the app', async () => {
    let kept = '[]'
    const keeper = {
      load: (): Pending[] => JSON.parse(kept),
      save: (pending: Pending[]) => {
        kept = JSON.stringify(pending)
      },
    }
    const [ana, ben] = [await chatting({ keeper }), await newUser()]
    ana.network.isUp = false
    ana.network.socket.cut()
    await ana.chat.outbox.send(ben.id, { text: 'from the tunnel' })
    ana.chat.stop()
    await ana.code
    expect(JSON.parse(kept)).toHaveLength(1)
    ana.network.isUp = true
    const again = startChat(ana, { keeper })
    await expect.poll(() => again.store.outbox.size).toBe(0)
    expect(JSON.parse(kept)).toEqual([])
    expect((await list(ana, ben)).items.map(({ text }) => text)).toEqual(['from the tunnel'])
  })

  test('waits as long as the server says when it sends too much', async () => {
    const [ana, ben] = [await signedIn(), await newUser()]
    await send(ana, ben, 'hello')
    await configureMailbox(ana.id, { SENDS_AT_ONCE: 1, SENDS_PER_MINUTE: 1 })
    const { chat, store, code } = startChat(ana)
    chat.realtime.stop()
    await code
    await chat.outbox.resume()
    const pauses = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => pauses.mockRestore())
    await chat.outbox.send(ben.id, { text: 'one' })
    await chat.outbox.send(ben.id, { text: 'two' })
    const longest = () => Math.max(...pauses.mock.calls.map(([, ms]) => ms ?? 0))
    await expect.poll(longest).toBeGreaterThan(30_000)
    expect(longest()).toBeLessThanOrEqual(60_000)
    expect([...store.outbox.values()].map(({ message }) => message.text)).toContain('two')
    await configureMailbox(ana.id, {})
    await expect
      .poll(() => {
        chat.outbox.wake()
        return store.outbox.size
      })
      .toBe(0)
  })

  test('retries after a server error and gives up on what is refused', async () => {
    const [ana, ben] = [await signedIn(), await newUser()]
    const { chat, store, code } = startChat(ana)
    chat.realtime.stop()
    await code
    await chat.outbox.resume()
    const faults = [
      () => new Response('<h1>Bad gateway</h1>', { status: 502 }),
      () => Response.json({ code: 'service_unavailable', status: 503 }, { status: 503 }),
    ]
    ana.network.intercept = ({ url }) => (url.endsWith('/messages') ? faults.pop()?.() : undefined)
    await chat.outbox.send(ben.id, { text: 'hello' })
    await expect
      .poll(() => {
        chat.outbox.wake()
        return store.outbox.size
      })
      .toBe(0)
    await ok('blockUser', { params: { userId: ben.id } }, { as: ana })
    await chat.outbox.send(ben.id, { text: 'in vain' })
    await expect.poll(() => [...store.outbox.values()]).toMatchObject([{ problem: { code: 'blocked_by_you' } }])
    await ok('unblockUser', { params: { userId: ben.id } }, { as: ana })
    await chat.outbox.send(ben.id, { text: 'again' })
    await expect.poll(async () => (await list(ana, ben)).items.map(({ text }) => text)).toEqual(['again', 'hello'])
  })
})

describe('the client’s connection', () => {
  test('resumes from the stored cursor after a cut, without a gap and without a second copy', async () => {
    const [ana, ben] = [await chatting(), await newUser()]
    for (const text of ['one', 'two']) await send(ben, ana, text)
    await delivered(ben, ana)
    await expect.poll(() => textsOf(ana, ben)).toEqual(['one', 'two'])
    const cursor = await ana.store.cursor()
    ana.network.socket.cut()
    for (const text of ['three', 'four']) await send(ben, ana, text)
    await delivered(ben, ana)
    ana.chat.wake()
    await untilLive(ana, 2)
    expect(textsOf(ana, ben)).toEqual(['one', 'two', 'three', 'four'])
    expect(ana.network.socket.url.searchParams.get('cursor')).toBe(cursor)
    const resets = ana.frames.filter((frame) => frame.type === 'changes' && frame.changes.reset)
    expect(resets).toHaveLength(1)
  })

  test('acknowledges every page as stored', async () => {
    const [ana, ben] = [await chatting(), await newUser()]
    for (const text of ['one', 'two', 'three', 'four']) {
      await send(ben, ana, text)
      await expect.poll(() => textsOf(ana, ben)).toContain(text)
    }
    const cursors = ana.frames.flatMap((frame) => (frame.type === 'changes' ? [frame.changes.cursor] : []))
    const received = ana.network.socket.sent.map((text) => JSON.parse(text)).filter(({ type }) => type === 'received')
    expect(received.map(({ cursor }) => cursor)).toEqual(cursors)
  })

  test('is abandoned after two pulses when it is dead, and another is opened', async () => {
    const ana = await chatting({ timing: { pulseMs: 500 } })
    const { socket } = ana.network
    await expect.poll(() => socket.sent.filter((text) => text === 'ping').length, { timeout: 5_000 }).toBeGreaterThan(2)
    expect(ana.network.sockets).toHaveLength(1)
    socket.isMute = true
    await expect.poll(() => ana.network.sockets.length, { timeout: 5_000 }).toBe(2)
    await untilLive(ana, 2)
    expect(ana.network.openSockets).toHaveLength(1)
  })

  test('ends for good with the session', async () => {
    const ana = await chatting()
    await ok('logout', {}, { as: ana })
    expect(await ana.code).toBe(4401)
    expect([ana.tokens.tokens, ana.ended]).toEqual([undefined, 1])
    const again = startChat(ana)
    expect(await again.code).toBe(4401)
    expect(ana.network.sockets).toHaveLength(1)
    expect([ana.tokens.tokens, ana.ended]).toEqual([undefined, 1])
  })

  test('refreshes the access token to get its ticket', async () => {
    const ana = await signedIn()
    await later(accessTokenExpired, async () => {
      await untilLive(startChat(ana))
      expect(ana.network.count(refresh)).toBe(1)
    })
  })

  test('gives way when the user has too many connections', async () => {
    const ana = await chatting()
    for (let opened = 0; opened < limits.socketsMax; opened++) await untilLive(startChat(await sameDevice(ana)))
    expect(await ana.code).toBe(4409)
  })

  test('returns answers, or says why not', async () => {
    const [ana, ben] = [await chatting(), await newUser()]
    await send(ana, ben, 'hello')
    expect(await ana.chat.realtime.ask({ type: 'typing', chatId: ben.id })).toMatchObject({ type: 'ack' })
    const stranger = await newUser()
    const upToMessageId = 'msg_01KAT5Q9V6F2X4J8S0A3G5K7HB'
    await expect(ana.chat.realtime.ask({ type: 'markRead', chatId: stranger.id, upToMessageId })).rejects.toMatchObject(
      {
        problem: { code: 'chat_not_found' },
      },
    )
    ana.network.socket.isMute = true
    const unanswered = ana.chat.realtime.ask({ type: 'typing', chatId: ben.id })
    ana.network.socket.cut()
    await expect(unanswered).rejects.toThrow('ended')
    await expect(ana.chat.realtime.ask({ type: 'typing', chatId: ben.id })).rejects.toThrow('no connection')
  })

  async function sameDevice(device: Device): Promise<Device> {
    return { ...device, network: device.network }
  }
})

describe('the client’s state', () => {
  const chatListOf = async (user: Device) => (await ok<Chats>('listChats', {}, { as: user })).items
  const listed = async (user: Device, peer: { id: string }) =>
    (await ok<Messages>('listMessages', { params: { chatId: peer.id } }, { as: user })).items.toReversed()

  const sessionsOf = async (user: Device) => (await ok<Sessions>('listSessions', {}, { as: user })).items
  const byId = <Held extends { id: string }>(sessions: Iterable<Held>) =>
    [...sessions].sort((a, b) => (a.id < b.id ? -1 : 1))

  test('matches the server’s after everything that changes it', async () => {
    const [ana, ben, eva] = [await chatting(), await newUser(), await newUser()]
    const peers = [ben, eva]
    const sent = []
    for (const peer of peers) {
      for (const text of ['one', 'two', 'three', 'four']) sent.push(await send(ana, peer, text))
      for (const text of ['five', 'six']) await send(peer, ana, text)
    }
    await delivered(ana, ben, eva)
    const [first, second, third, fourth] = sent
    if (!first || !second || !third || !fourth) throw new Error('Nothing was sent')
    await edit(ana, first, 'one, edited')
    await react(ben, ana, second, '👍')
    await remove(ana, ben, third)
    await remove(ana, ben, fourth, 'everyone')
    await markRead(ben, ana, second)
    await ok('updateChat', { params: { chatId: ben.id }, body: { pinned: true } }, { as: ana })
    await ok('saveContact', { params: { userId: ben.id }, body: { name: 'Benjamin' } }, { as: ana })
    await ok('blockUser', { params: { userId: eva.id } }, { as: ana })
    await ok('updateMe', { body: { firstName: 'Ana' } }, { as: ana })
    await delivered(ana, ben, eva)
    const { state } = ana.store
    for (const peer of peers) await expect.poll(() => messagesOf(state, peer.id)).toEqual(await listed(ana, peer))
    await expect.poll(() => chatsOf(state)).toEqual(await chatListOf(ana))
    await expect.poll(() => state.me?.firstName).toBe('Ana')
    expect([state.contacts.get(ben.id)?.name, state.blocks.has(eva.id)]).toEqual(['Benjamin', true])
    await ok('clearChat', { params: { chatId: ben.id } }, { as: ana })
    await ok('removeContact', { params: { userId: ben.id } }, { as: ana })
    await expect.poll(() => messagesOf(state, ben.id)).toEqual([])
    await expect.poll(() => chatsOf(state)).toEqual(await chatListOf(ana))
    await expect.poll(() => state.contacts.size).toBe(0)

    const anew = startChat(await signedIn(ana.phoneNumber))
    await untilLive(anew)
    expect(chatsOf(anew.store.state)).toEqual(chatsOf(state))
    expect(messagesOf(anew.store.state, eva.id)).toEqual(messagesOf(state, eva.id))

    const sessionsHeld = () => byId(state.sessions.values())
    await expect.poll(sessionsHeld).toEqual(byId(await sessionsOf(ana)))
    expect(sessionsHeld().map(({ id }) => id)).toEqual([ana.sessionId, anew.sessionId])
    await ok('logout', {}, { as: anew })
    await expect.poll(sessionsHeld).toEqual(byId(await sessionsOf(ana)))
    expect([...state.sessions.keys()]).toEqual([ana.sessionId])
  })
})
