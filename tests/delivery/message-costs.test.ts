import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import figures from '../../docs/figures.json'
import { AlarmSchedule } from '../../objects/durable/alarm-schedule'
import type { Tokens } from '../../schemas/authentication'
import type { Changes } from '../../schemas/changes'
import type { Chat } from '../../schemas/chat'
import type { Ticket } from '../../schemas/realtime'
import { ok } from '../support/call'
import { delivered, friends, markRead, send } from '../support/chat-calls'
import { interceptCalls, stubOf } from '../support/delivery-faults'
import { RealtimeClient } from '../support/realtime-client'
import { connectLive } from '../support/socket'
import { countD1, countRows } from '../support/storage-costs'
import type { TestUser } from '../support/users'

/** What one plain message costs that is delivered and read, on average, in what is billed. */
interface MessageCosts {
  /** Requests to the Worker. */
  requests: number
  /** Frames from clients. */
  frames: number
  /** Calls of mailboxes, by the Worker and by each other. */
  calls: number
  /** Alarms that rang. */
  alarms: number
  /** Rows of mailboxes, for search and alarms as well. */
  written: number
  read: number
  d1: number
  /** By which the databases of the mailboxes grew. */
  bytes: number
}

const text = 'See you at the lighthouse at seven, bring a torch! 0123456789'

/** Sends one message and has it read. */
type Turn = (from: TestUser, to: TestUser) => Promise<void>

/** Counts calls of a method while `work` runs. */
async function countingCalls<T extends object>(of: T, method: keyof T & string, work: () => Promise<void>) {
  const original: unknown = Reflect.get(of, method)
  let count = 0
  Reflect.set(of, method, function (this: T, ...input: unknown[]) {
    count++
    return Reflect.apply(original as () => unknown, this, input)
  })
  try {
    await work()
  } finally {
    Reflect.set(of, method, original)
  }
  return count
}

async function bytesOf(users: TestUser[]) {
  const sizes = users.map(({ id }) => runInDurableObject(stubOf(id), (_, { storage }) => storage.sql.databaseSize))
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function countMessages(users: [TestUser, TestUser], turns: number, requests: number, turn: Turn) {
  const [alice, bob] = users
  await delivered(alice, bob)
  let calls = 0
  const stop = interceptCalls(({ make, method }) => {
    // What `overHttp` waits with.
    if (method !== 'getChat') calls++
    return make()
  })
  const work = async () => {
    for (let n = 0; n < turns; n++) await (n % 2 === 0 ? turn(alice, bob) : turn(bob, alice))
    await delivered(alice, bob)
  }
  const bytesBefore = await bytesOf(users)
  let rows = { written: 0, read: 0 }
  let d1 = 0
  let alarms = 0
  const frames = await countingCalls(RealtimeClient.prototype, 'sendRaw', async () => {
    alarms = await countingCalls(AlarmSchedule.prototype, 'ring', async () => {
      const counted = await countD1(async () => {
        rows = await countRows(alice.id, work, { countsAlarms: true })
      })
      d1 = counted.statements
    })
  }).finally(stop)
  const mean = (total: number) => Math.round((100 * total) / turns) / 100
  return {
    requests,
    frames: mean(frames),
    calls: mean(calls),
    alarms: mean(alarms),
    written: mean(rows.written),
    read: mean(rows.read),
    d1: mean(d1),
    bytes: Math.round(((await bytesOf(users)) - bytesBefore) / turns),
  } satisfies MessageCosts
}

async function chatting(): Promise<[TestUser, TestUser]> {
  const [alice, bob] = await friends()
  for (const [from, to] of [
    [alice, bob],
    [bob, alice],
  ] as const)
    await markRead(to, from, await send(from, to, text))
  return [alice, bob]
}

/** One request sends, one fetches the change, one marks it as read. */
async function overHttp(turns: number) {
  const users = await chatting()
  const cursors = new Map<string, string>()
  const fetchNew = async (user: TestUser) => {
    const cursor = cursors.get(user.id)
    const changes = await ok<Changes>('listChanges', { query: { ...(cursor && { cursor }) } }, { as: user })
    cursors.set(user.id, changes.cursor)
    return changes
  }
  for (const user of users) await fetchNew(user)
  return countMessages(users, turns, 3, async (from, to) => {
    const message = await send(from, to, text)
    // Polling until it has arrived is the test's: a client fetches once.
    await expect
      .poll(async () => (await ok<Chat>('getChat', { params: { chatId: from.id } }, { as: to })).lastMessage?.id)
      .toBe(message.id)
    await fetchNew(to)
    await markRead(to, from, message)
  })
}

async function overSockets(turns: number, afterEach: Turn = async () => {}) {
  const users = await chatting()
  const sockets = new Map([
    [users[0].id, await connectLive(users[0])],
    [users[1].id, await connectLive(users[1])],
  ])
  const socketOf = ({ id }: TestUser) => {
    const socket = sockets.get(id)
    if (!socket) throw new Error('Connect first')
    return socket
  }
  return countMessages(users, turns, 0, async (from, to) => {
    const clientMessageId = crypto.randomUUID()
    const sent = await socketOf(from).ask({ type: 'sendMessage', chatId: to.id, clientMessageId, text })
    expect(sent.type).toBe('ack')
    const arrived = await socketOf(to).next('changes', ({ changes }) =>
      changes.messages.some((one) => one.clientMessageId === null),
    )
    const upToMessageId = arrived.changes.messages.at(-1)?.id ?? ''
    expect((await socketOf(to).ask({ type: 'markRead', chatId: from.id, upToMessageId })).type).toBe('ack')
    await socketOf(from).next('changes', ({ changes }) =>
      changes.chats.some((chat) => chat.readUpToMessageId === upToMessageId),
    )
    await afterEach(from, to)
  })
}

/** An app that comes to the foreground: new tokens, a ticket, a socket, and the list of chats. */
async function openings(times: number) {
  const users = await chatting()
  const refreshTokens = new Map(users.map(({ id, refreshToken }) => [id, refreshToken]))
  return countMessages(users, times, 4, async (user) => {
    const tokens = await ok<Tokens>('refreshTokens', { body: { refreshToken: refreshTokens.get(user.id) } })
    refreshTokens.set(user.id, tokens.refreshToken)
    const caller = { ...user, accessToken: tokens.accessToken }
    const { ticket } = await ok<Ticket>('createRealtimeTicket', {}, { as: caller })
    const socket = await connectLive(caller, { ticket })
    await ok('listChats', {}, { as: caller })
    socket.close()
    await socket.closed
  })
}

/** How far counts differ from run to run: whether an alarm rings meanwhile depends on the machine. */
const rowsOfChance = 0.5

test('messages cost no more rows than docs/cost.md is computed from', async ({ task }) => {
  const counted = {
    busy: await overSockets(80),
    quiet: await overSockets(40, delivered),
    http: await overHttp(80),
    opening: await openings(20),
  }
  task.meta.note = `message costs: ${JSON.stringify(counted)}`
  for (const kind of ['busy', 'quiet', 'http', 'opening'] as const) {
    expect.soft(counted[kind].written, kind).toBeLessThanOrEqual(figures.counted[kind].written + rowsOfChance)
    expect.soft(counted[kind].calls, kind).toBeLessThanOrEqual(figures.counted[kind].calls + rowsOfChance)
    expect.soft(counted[kind].d1, kind).toBe(figures.counted[kind].d1)
  }
})
