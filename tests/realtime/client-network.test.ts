// What the client that apps copy (examples/typescript) makes of bad networks, failing stores and faulty callbacks.
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { answer } from '../../examples/typescript/problem'
import { chatsOf, messagesOf } from '../../examples/typescript/state'
import { ok } from '../support/call'
import { delivered, edit, list, remove, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { type Chatting, chatting, signedIn, startChat, textsOf, untilLive } from '../support/example-client'
import { newUser } from '../support/users'

const never = () => new Promise<Response>(() => {})
const page = (status: number, headers?: HeadersInit) =>
  new Response('<h1>Sorry</h1>', { status, ...(headers && { headers }) })
const isTicket = ({ url }: Request) => url.endsWith('/tickets')
const isSend = ({ method, url }: Request) => method === 'POST' && url.endsWith('/messages')

/** Answers the first requests that match with these, and passes the others on. */
function answerFirst(
  { network }: Pick<Chatting, 'network'>,
  matches: (request: Request) => boolean,
  ...answers: (() => Response | Promise<Response>)[]
) {
  network.intercept = (request) => (matches(request) ? answers.shift()?.() : undefined)
}

/** Ana, whose chat with Ben exists: her next message can go over the socket. */
async function acquainted(chosen?: Parameters<typeof chatting>[0]) {
  const [ana, ben] = [await chatting(chosen), await newUser()]
  await send(ben, ana, 'hello')
  await delivered(ben)
  await expect.poll(() => textsOf(ana, ben)).toEqual(['hello'])
  return { ana, ben }
}

const textsOnServer = async (ana: Chatting, ben: { id: string }) => (await list(ana, ben)).items.map(({ text }) => text)

describe('a response that never comes', () => {
  test('fails a call after its time', async () => {
    const { client, network } = await signedIn(undefined, { callMs: 100 })
    network.intercept = never
    await expect(client.http.GET('/v1/me')).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  test('does not keep the client from connecting, nor a message from being sent', async () => {
    const [ana, ben] = [await signedIn(), await newUser()]
    answerFirst({ network: ana.network }, isTicket, never)
    const chatting = startChat(ana, { timing: { callMs: 200 } })
    await untilLive(chatting)
    answerFirst(chatting, isSend, never)
    await chatting.chat.outbox.send(ben.id, { text: 'hello' })
    await expect.poll(() => textsOnServer(chatting, ben), { timeout: 5_000 }).toEqual(['hello'])
    expect(ana.network.count(`POST /v1/chats/${ben.id}/messages`)).toBe(2)
  })

  test('is given up soon after a wake-up', async () => {
    const [ana, ben] = [await signedIn(), await newUser()]
    answerFirst({ network: ana.network }, isTicket, never)
    const chatting = startChat(ana, { timing: { wakeMs: 50 } })
    await expect.poll(() => ana.network.count('POST /v1/realtime/tickets')).toBe(1)
    chatting.chat.wake()
    await untilLive(chatting)
    answerFirst(chatting, isSend, never)
    await chatting.chat.outbox.send(ben.id, { text: 'hello' })
    await expect.poll(() => ana.network.count(`POST /v1/chats/${ben.id}/messages`)).toBe(1)
    chatting.chat.wake()
    await expect.poll(() => textsOnServer(chatting, ben), { timeout: 5_000 }).toEqual(['hello'])
  })

  test('of a refresh is given up soon after a wake-up, and the tokens stay', async () => {
    const ana = await signedIn(undefined, { wakeMs: 50 })
    await later(700, async () => {
      answerFirst({ network: ana.network }, ({ url }) => url.endsWith('/refresh'), never)
      const call = ana.client.http.GET('/v1/me')
      await expect.poll(() => ana.network.count('POST /v1/auth/refresh')).toBe(1)
      const wokenAt = performance.now()
      ana.client.session.wake()
      await expect(call).rejects.toThrow('in time')
      expect(performance.now() - wokenAt).toBeLessThan(10_000)
      expect((await answer(ana.client.http.GET('/v1/me'))).id).toBe(ana.id)
    })
  })
})

describe('a wake-up', () => {
  test('gives up a half-open connection, and what waits on it is sent', async () => {
    const { ana, ben } = await acquainted({ timing: { wakeMs: 100 } })
    const { socket } = ana.network
    socket.isMute = true
    socket.isDeaf = true
    await ana.chat.outbox.send(ben.id, { text: 'still there?' })
    ana.chat.wake()
    await untilLive(ana, 2)
    await expect.poll(() => ana.store.outbox.size).toBe(0)
    expect(textsOf(ana, ben)).toEqual(['hello', 'still there?'])
    expect([socket.readyState, ana.network.openSockets.length]).toEqual([WebSocket.CLOSED, 1])
  })

  test('ends the pause before the next connection', async () => {
    const ana = await chatting({ timing: { retryMs: 3_600_000, retryMaxMs: 3_600_000 } })
    vi.spyOn(Math, 'random').mockReturnValue(1)
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    ana.network.socket.cut()
    await expect.poll(() => ana.states.at(-1)).toBe('offline')
    ana.chat.wake()
    await untilLive(ana, 2)
  })

  test('leaves a connection that answers as it is', async () => {
    const ana = await chatting({ timing: { wakeMs: 500 } })
    ana.chat.wake()
    await expect.poll(() => ana.network.socket.sent).toContain('ping')
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(ana.network.sockets).toHaveLength(1)
    expect(ana.states.at(-1)).toBe('live')
  })
})

describe('one connection', () => {
  test('is what run, stop and run again make, and stop ends it', async () => {
    const ana = await signedIn()
    const started = startChat(ana)
    started.chat.stop()
    const again = started.chat.run()
    expect(await started.code).toBe(1000)
    await untilLive(started)
    expect(ana.network.sockets).toHaveLength(1)
    started.chat.stop()
    expect(await again).toBe(1000)
    expect(ana.network.openSockets).toEqual([])
  })

  test('is what any row of run and stop makes', async () => {
    const ana = await signedIn()
    const { chat, code } = startChat(ana)
    const codes = [code]
    for (let times = 0; times < 5; times++) {
      chat.stop()
      codes.push(chat.run(), chat.run())
    }
    expect(await code).toBe(1000)
    await expect.poll(() => ana.network.openSockets.length).toBe(1)
    chat.stop()
    expect(new Set(await Promise.all(codes))).toEqual(new Set([1000]))
    expect([ana.network.openSockets.length, ana.network.sockets.length]).toEqual([0, 1])
  })

  test('survives no stop, whatever it was waiting for', async () => {
    const ana = await signedIn()
    let release = () => {}
    ana.network.intercept = (request) =>
      isTicket(request)
        ? new Promise((resolve) => {
            release = () => resolve(Response.json({ ticket: 'late', expiresAt: '' }))
          })
        : undefined
    const { chat, code } = startChat(ana)
    await expect.poll(() => ana.network.count('POST /v1/realtime/tickets')).toBe(1)
    chat.stop()
    release()
    expect(await code).toBe(1000)
    expect(ana.network.sockets).toEqual([])
  })
})

test('no connection is opened after a stop while the cursor is being read', async () => {
  const ana = await signedIn()
  const started = startChat(ana)
  let release = () => {}
  const reading = vi.spyOn(started.store, 'cursor').mockImplementation(
    () =>
      new Promise((resolve) => {
        release = () => resolve(undefined)
      }),
  )
  await expect.poll(() => reading.mock.calls.length).toBe(1)
  started.chat.stop()
  const again = started.chat.run()
  started.chat.stop()
  release()
  expect([await started.code, await again]).toEqual([1000, 1000])
  expect(ana.network.sockets).toEqual([])
})

test('the next run begins when the page of the previous one is stored', async () => {
  const { ana, ben } = await acquainted()
  let release = () => {}
  const apply = ana.store.apply.bind(ana.store)
  const applying = vi.spyOn(ana.store, 'apply').mockImplementationOnce(async (changes) => {
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return apply(changes)
  })
  await send(ben, ana, 'one')
  await delivered(ben)
  await expect.poll(() => applying.mock.calls.length).toBe(1)
  ana.chat.stop()
  void ana.chat.run()
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(ana.network.sockets).toHaveLength(1)
  release()
  await untilLive(ana, 2)
  expect(ana.network.socket.url.searchParams.get('cursor')).toBe(applying.mock.calls[0]?.[0].cursor)
})

describe('a store that fails', () => {
  test('keeps no page that came after one that it has not kept', async () => {
    const { ana, ben } = await acquainted()
    const fail = Promise.withResolvers<void>()
    const applying = vi.spyOn(ana.store, 'apply').mockImplementationOnce(() => fail.promise)
    await send(ben, ana, 'one')
    await expect.poll(() => applying.mock.calls.length).toBe(1)
    await send(ben, ana, 'two')
    await delivered(ben)
    // The next page is here once a request that came after it is answered.
    await ana.chat.realtime.ask({ type: 'presence', userIds: [] })
    ana.network.socket.cut()
    fail.reject(new Error('The disk is full.'))
    await expect.poll(() => ana.errors.length).toBe(1)
    ana.chat.wake()
    await untilLive(ana, 2)
    expect(textsOf(ana, ben)).toEqual(['hello', 'one', 'two'])
  })

  test('is offered the same page again over the same connection, and the app is told', async () => {
    const ana = await chatting({ timing: { retryMs: 100 } })
    const ben = await newUser()
    const apply = ana.store.apply.bind(ana.store)
    const offered: string[] = []
    vi.spyOn(ana.store, 'apply').mockImplementation(async (changes) => {
      offered.push(changes.cursor)
      if (offered.length < 4) throw new Error('The disk is full.')
      return apply(changes)
    })
    await send(ben, ana, 'hello')
    await delivered(ben)
    await expect.poll(() => textsOf(ana, ben)).toEqual(['hello'])
    expect(new Set(offered.slice(0, 4)).size).toBe(1)
    expect(ana.errors.map(String)).toEqual(Array(3).fill('Error: The disk is full.'))
    expect(ana.network.sockets).toHaveLength(1)
    await expect.poll(() => ana.states.slice(-4)).toEqual(['storeFailed', 'storeFailed', 'storeFailed', 'live'])
  })

  test('makes no storm of connections, and goes on from its cursor once it works', async () => {
    const ana = await chatting({ timing: { retryMs: 1_000 } })
    const ben = await newUser()
    const cursor = await ana.store.cursor()
    const apply = ana.store.apply.bind(ana.store)
    const failing = vi.spyOn(ana.store, 'apply').mockRejectedValue(new Error('The disk is full.'))
    await send(ben, ana, 'hello')
    await expect.poll(() => ana.states.at(-1)).toBe('storeFailed')
    ana.network.socket.cut()
    await expect.poll(() => ana.network.sockets.length, { timeout: 5_000 }).toBe(2)
    await expect.poll(() => ana.states.at(-1)).toBe('storeFailed')
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(ana.network.sockets).toHaveLength(2)
    expect(ana.states.filter((state) => state === 'live')).toHaveLength(1)
    failing.mockImplementation(apply)
    ana.chat.wake()
    await untilLive(ana, 2)
    expect(ana.network.socket.url.searchParams.get('cursor')).toBe(cursor)
    expect(textsOf(ana, ben)).toEqual(['hello'])
  })

  test('to read its cursor is a failure like any other', async () => {
    const ana = await signedIn()
    const started = startChat(ana, { timing: { retryMs: 50 } })
    vi.spyOn(started.store, 'cursor').mockRejectedValueOnce(new Error('The disk is gone.'))
    await untilLive(started)
    expect(started.errors.map(String)).toEqual(['Error: The disk is gone.'])
  })
})

test('live is told once everything that came before is stored', async () => {
  const { ana, ben } = await acquainted()
  ana.chat.stop()
  await ana.code
  await send(ben, ana, 'while away')
  await delivered(ben)
  let release = () => {}
  const apply = ana.store.apply.bind(ana.store)
  vi.spyOn(ana.store, 'apply').mockImplementation(async (changes) => {
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return apply(changes)
  })
  ana.states.length = 0
  void ana.chat.run()
  await expect.poll(() => ana.states).toEqual(['connecting', 'catchingUp'])
  await ana.chat.realtime.ask({ type: 'presence', userIds: [] })
  expect(ana.states).toEqual(['connecting', 'catchingUp'])
  release()
  await expect.poll(() => ana.states.at(-1)).toBe('live')
  expect(textsOf(ana, ben)).toEqual(['hello', 'while away'])
})

describe('the outbox', () => {
  test('fails the one message that a proxy refuses, and goes on', async () => {
    const { ana, ben } = await acquainted()
    ana.chat.realtime.stop()
    await ana.code
    await ana.chat.outbox.resume()
    answerFirst(ana, isSend, () => page(403))
    for (const text of ['one', 'two']) await ana.chat.outbox.send(ben.id, { text })
    await expect.poll(() => textsOnServer(ana, ben)).toEqual(['two', 'hello'])
    expect([...ana.store.outbox.values()]).toMatchObject([
      { message: { text: 'one' }, problem: { code: 'unexpected_response', status: 403 } },
    ])
    const [failed] = ana.store.outbox.values()
    if (!failed) throw new Error('None has failed')
    const { problem: _, ...again } = failed
    await ana.store.put(again)
    await ana.chat.outbox.resume()
    await expect.poll(() => textsOnServer(ana, ben)).toEqual(['one', 'two', 'hello'])
  })

  test('waits until the date in Retry-After', async () => {
    const ana = await chatting()
    const ben = await newUser()
    const [date, retryAt] = [new Date(), new Date(Date.now() + 45_000)].map((time) => time.toUTCString())
    answerFirst(ana, isSend, () => page(503, { Date: date ?? '', 'Retry-After': retryAt ?? '' }))
    const pauses = vi.spyOn(globalThis, 'setTimeout')
    onTestFinished(() => pauses.mockRestore())
    await ana.chat.outbox.send(ben.id, { text: 'hello' })
    await expect.poll(() => pauses.mock.calls.map(([, ms]) => ms ?? 0)).toContain(45_000)
    ana.chat.wake()
    await expect.poll(() => ana.store.outbox.size).toBe(0)
  })

  const spoiled: [string, () => Response][] = [
    ['a page with 200', () => page(200)],
    ['truncated JSON', () => new Response('{"id":"msg_01KAT5Q9V6', { status: 201 })],
    ['an empty body', () => new Response(null, { status: 201, headers: { 'Content-Length': '0' } })],
    ['null', () => Response.json(null, { status: 201 })],
    ['other JSON', () => Response.json({ result: 'Welcome to our network' })],
  ]
  for (const [what, response] of spoiled)
    test(`repeats a message whose response is ${what}`, async () => {
      const [ana, ben] = [await chatting({ timing: { retryMs: 50 } }), await newUser()]
      answerFirst(ana, isSend, response)
      await ana.chat.outbox.send(ben.id, { text: 'hello' })
      await expect.poll(() => ana.store.outbox.size).toBe(0)
      expect(await textsOnServer(ana, ben)).toEqual(['hello'])
      expect([ana.errors, [...ana.store.state.messages.keys()]]).toEqual([[], [ben.id]])
    })

  test('goes on after a store that could not be read', async () => {
    const { ana, ben } = await acquainted({ timing: { retryMs: 50 } })
    const reading = vi.spyOn(ana.store, 'pending').mockRejectedValue(new Error('The disk is gone.'))
    await ana.chat.outbox.send(ben.id, { text: 'one' })
    await expect.poll(() => ana.errors.length).toBeGreaterThan(1)
    reading.mockRestore()
    await expect.poll(() => textsOf(ana, ben)).toEqual(['hello', 'one'])
  })
})

describe('what is spoiled on the way', () => {
  for (const [what, response] of [
    ['a page with 200', () => page(200)],
    ['null', () => Response.json(null)],
    ['a page with 403', () => page(403)],
    ['a page with 401', () => page(401)],
  ] as const)
    test(`does not keep the client from connecting: ${what} for a ticket`, async () => {
      const ana = await signedIn()
      answerFirst({ network: ana.network }, isTicket, response)
      await untilLive(startChat(ana, { timing: { retryMs: 50 } }))
      expect([ana.tokens.tokens === undefined, ana.ended]).toEqual([false, 0])
    })

  test('is asked for again: a frame that cannot be read ends the connection', async () => {
    const { ana, ben } = await acquainted()
    for (const data of ['{"type":"changes","chan', '[]', 'null', '{"type":"changes","changes":{}}']) {
      const { socket } = ana.network
      socket.dispatchEvent(new MessageEvent('message', { data }))
      expect(socket.readyState).toBe(WebSocket.CLOSED)
      ana.chat.wake()
      await expect.poll(() => ana.network.socket === socket).toBe(false)
      await expect.poll(() => ana.states.at(-1)).toBe('live')
    }
    expect(textsOf(ana, ben)).toEqual(['hello'])
  })

  for (const [what, response] of [
    ['a page with 200', () => page(200)],
    ['other JSON', () => Response.json({ result: 'Welcome to our network' })],
    ['a page with 401', () => page(401)],
  ] as const)
    test(`does not cost the tokens: ${what} for a refresh`, async () => {
      const ana = await signedIn()
      const held = ana.tokens.tokens
      await later(700, async () => {
        answerFirst({ network: ana.network }, ({ url }) => url.endsWith('/refresh'), response)
        await expect(ana.client.http.GET('/v1/me')).rejects.toThrow()
        expect([ana.tokens.tokens, ana.ended]).toEqual([held, 0])
        expect((await answer(ana.client.http.GET('/v1/me'))).id).toBe(ana.id)
      })
    })
})

test('what the callbacks of the app throw is reported, and the stream goes on', async () => {
  const fault = new Error('A bug of the app')
  const throws = () => {
    throw fault
  }
  const ana = await chatting({ onState: throws })
  ana.chat.stop()
  const started = startChat(ana, { onFrame: throws })
  const ben = await newUser()
  await expect.poll(() => started.states.at(-1)).toBe('live')
  await send(ben, ana, 'one')
  await send(ben, ana, 'two')
  await expect.poll(() => textsOf(started, ben)).toEqual(['one', 'two'])
  expect(started.network.openSockets).toHaveLength(1)
  expect(started.errors.length).toBeGreaterThan(1)
  expect(new Set(started.errors)).toEqual(new Set([fault]))
})

describe('a start from now', () => {
  async function withHistory() {
    const [ana, ben] = [await signedIn(), await newUser()]
    await ok('saveContact', { params: { userId: ben.id }, body: { name: null } }, { as: ana })
    const sent = []
    for (let n = 0; n < 120; n++) sent.push(await send(ben, ana, `${n}`))
    await delivered(ben)
    const started = startChat(ana, { from: 'now' })
    await untilLive(started)
    return { ana: started, ben, sent }
  }

  test('brings no copy; the chat list and the messages are loaded page by page', async () => {
    const { ana, ben } = await withHistory()
    const { chat, store } = ana
    expect([store.state.chats.size, store.state.messages.size, store.forgotten.resets]).toEqual([0, 0, 1])
    await chat.history.loadChats()
    expect(chatsOf(store.state).map(({ id }) => id)).toEqual([ben.id])
    expect(await chat.history.loadMessages(ben.id)).toBe(true)
    expect(textsOf(ana, ben)).toEqual(Array.from({ length: 50 }, (_, n) => `${70 + n}`))
    expect(await chat.history.loadMessages(ben.id)).toBe(true)
    expect(await chat.history.loadMessages(ben.id)).toBe(false)
    expect(textsOf(ana, ben)).toEqual(Array.from({ length: 120 }, (_, n) => `${n}`))
    const requests = ana.network.requests.length
    expect(await chat.history.loadMessages(ben.id)).toBe(false)
    expect(ana.network.requests).toHaveLength(requests)
  })

  test('shows no message that changed beyond what was loaded, and undoes no change by loading', async () => {
    const { ana, ben, sent } = await withHistory()
    const { chat, store } = ana
    const [first, , third] = sent
    if (!first || !third) throw new Error('Nothing was sent')
    await chat.history.loadMessages(ben.id)
    await edit(ben, first, 'edited')
    await remove(ana, ben, third)
    await delivered(ben)
    await expect.poll(() => messagesOf(store.state, ben.id).length).toBe(51)
    expect(chat.history.messagesOf(store.state, ben.id)).toHaveLength(50)
    const { items: stale } = await list(ana, ben, { limit: 200 })
    const second = await edit(ben, sent[1] ?? first, 'edited, too')
    await expect.poll(() => store.state.messages.get(ben.id)?.get(second.id)?.text).toBe('edited, too')
    await store.load({ messages: [...stale, third] }, store.forgotten)
    const held = store.state.messages.get(ben.id)
    expect([held?.get(second.id)?.text, held?.has(third.id)]).toEqual(['edited, too', false])
    while (await chat.history.loadMessages(ben.id));
    const texts = chat.history.messagesOf(store.state, ben.id).map(({ text }) => text)
    expect(texts.slice(0, 2)).toEqual(['edited', 'edited, too'])
    expect(texts).toHaveLength(119)
  })

  test('goes on from its cursor, and forgets what was requested before a reset', async () => {
    const { ana, ben } = await withHistory()
    const { chat, store } = ana
    const cursor = await store.cursor()
    ana.network.socket.cut()
    await send(ben, ana, 'while away')
    await delivered(ben)
    chat.wake()
    await untilLive(ana, 2)
    expect(ana.network.socket.url.searchParams.get('cursor')).toBe(cursor)
    expect(textsOf(ana, ben)).toEqual(['while away'])
    const asked = store.forgotten
    const { items } = await list(ana, ben)
    const empty = {
      messages: [],
      removed: [],
      chats: [],
      contacts: [],
      blocks: [],
      sessions: [],
      left: [],
      complete: true,
      me: null,
    }
    await store.apply({ ...empty, reset: true, hasMore: false, cursor: cursor ?? '' })
    await store.load({ messages: items }, asked)
    expect(textsOf(ana, ben)).toEqual([])
  })
})
