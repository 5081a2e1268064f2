import { runDurableObjectAlarm } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, expect, test, vi } from 'vitest'
import type { Tokens } from '../../schemas/authentication'
import type { File } from '../../schemas/file'
import { alarmOf, silenceAlarms } from '../support/alarms'
import { call, ok } from '../support/call'
import { list, send } from '../support/chat-calls'
import { inMailbox, interceptCalls, stubOf } from '../support/delivery-faults'
import { newUser, type TestUser } from '../support/users'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const attemptsMax = 20
const probesMax = 125
const ringsMax = 600

const undo: (() => unknown)[] = []
afterEach(() => {
  for (const one of undo.splice(0).reverse()) one()
})

/** How often each thing was tried. */
class Attempts {
  readonly #counts = new Map<string, number>()

  add(what: string) {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  get all(): Record<string, number> {
    return Object.fromEntries(this.#counts)
  }
}

/** Makes every statement of D1 fail, and counts those that a job begins with. Call the result to end it. */
function loseD1(attempts: Attempts): () => void {
  const prototype = Object.getPrototypeOf(env.DB)
  const { prepare } = prototype
  prototype.prepare = (statement: string) => {
    if (statement === 'SELECT 1') attempts.add('D1 probe')
    if (statement.startsWith('SELECT * FROM users')) attempts.add('profile')
    if (statement.startsWith('DELETE FROM known_networks')) attempts.add('record')
    throw new Error('D1_ERROR: Network connection lost.')
  }
  return () => Object.assign(prototype, { prepare })
}

/** Makes every call to R2 fail, and counts them. Call the result to end it. */
function loseR2(attempts: Attempts): () => void {
  const prototype = Object.getPrototypeOf(env.FILES)
  const { head, delete: remove } = prototype
  const lose = (what: string) => async () => {
    attempts.add(what)
    throw new Error('The call was lost')
  }
  Object.assign(prototype, { head: lose('R2 probe'), delete: lose('files') })
  return () => Object.assign(prototype, { head, delete: remove })
}

interface Lost {
  /** The user whose mailbox cannot be reached. */
  down: string | null
  /** The user whose mailbox fails at every delivery, though it can be reached. */
  ill: string | null
  isNextLost: boolean
}

/** The calls to mailboxes that are lost. Deliveries to those who are down or ill are counted. */
function watchDeliveries(names: Map<string, string>, attempts: Attempts) {
  const state: Lost = { down: null, ill: null, isNextLost: false }
  const remove = interceptCalls(async ({ userId, method, input, make }) => {
    if (method === 'setProfile' && state.down !== null) throw new Error('The call was lost')
    if (method === 'receive' && (userId === state.down || userId === state.ill)) {
      const [{ from }] = input as [{ from: string }]
      attempts.add(`${names.get(from)} to ${names.get(userId)}`)
      throw new Error('The call was lost')
    }
    if (userId === state.down) {
      attempts.add(`${names.get(String(input[0]))}'s probe of ${names.get(userId)}`)
      throw new Error('The call was lost')
    }
    if (method !== 'receive') return make()
    if (!state.isNextLost) return make()
    state.isNextLost = false
    throw new Error('The call was lost')
  })
  undo.push(remove)
  return state
}

/** Moves the clock from alarm to alarm, and rings each at its time, until `end` or until there is none. */
async function ringUntil(end: number, userIds: string[], rung = async () => {}) {
  for (let rings = 0; ; rings++) {
    expect(rings, 'alarms in one stretch').toBeLessThan(ringsMax)
    const alarms = await Promise.all(userIds.map(async (userId) => ({ userId, time: await alarmOf(userId) })))
    const times = alarms.flatMap(({ userId, time }) => (time === null ? [] : [{ userId, time }]))
    const [next] = times.sort((a, b) => a.time - b.time)
    if (!next || next.time > end) break
    vi.setSystemTime(Math.max(next.time, Date.now()))
    await runDurableObjectAlarm(stubOf(next.userId))
    await rung()
  }
  vi.setSystemTime(end)
}

const refreshed = async (user: TestUser): Promise<TestUser> => ({
  ...user,
  ...(await ok<Tokens>('refreshTokens', { body: { refreshToken: user.refreshToken } })),
})

const upload = (user: TestUser) =>
  ok<File>(
    'uploadFile',
    { raw: 'bytes', query: { name: 'a.txt' }, headers: { 'Content-Type': 'text/plain' } },
    { as: user },
  )

const textsAt = async (user: TestUser, peer: TestUser) =>
  (await list(user, peer)).items.map(({ text }) => text).toReversed()

const holds = async ({ id }: TestUser, query: string) => (await inMailbox(id, query)).length > 0

/** Alice and Dora have chats with Bob and with Carl; Alice also with Erin. */
async function people() {
  undo.push(silenceAlarms())
  const everyone = {
    alice: await newUser(),
    bob: await newUser(),
    carl: await newUser(),
    dora: await newUser(),
    erin: await newUser(),
  }
  const ids = Object.values(everyone).map(({ id }) => id)
  const { alice, bob, carl, dora, erin } = everyone
  for (const from of [alice, dora]) for (const to of [bob, carl]) await send(from, to, 'Hello')
  await send(alice, erin, 'Hello')
  await ringUntil(Date.now() + minuteMs, ids)
  return { ...everyone, ids, names: new Map(Object.entries(everyone).map(([name, { id }]) => [id, name])) }
}

type People = Awaited<ReturnType<typeof people>>

/** Takes D1, R2 and Bob away, makes Erin ill, and leaves something to do for each job. `end` brings everything back. */
async function outage({ alice, bob, carl, dora, erin, names }: People) {
  const file = await upload(alice)
  const attempts = new Attempts()
  const calls = watchDeliveries(names, attempts)
  // The shortest pauses that chance allows make the most attempts.
  undo.push(() => vi.restoreAllMocks())
  vi.spyOn(Math, 'random').mockReturnValue(0)
  Object.assign(calls, { down: bob.id, ill: erin.id })
  expect((await call('updateMe', { body: { about: 'Moved' } }, { as: alice })).status).toBeGreaterThanOrEqual(500)
  const bringBackD1 = loseD1(attempts)
  undo.push(bringBackD1)
  const ofTheRoute = new Attempts()
  const bringBackR2AfterCall = loseR2(ofTheRoute)
  await call('deleteFile', { params: { fileId: file.id } }, { as: alice })
  bringBackR2AfterCall()
  const bringBackR2 = loseR2(attempts)
  undo.push(bringBackR2)
  await send(alice, bob, 'Sent while Bob is away')
  await send(alice, erin, 'Sent while Erin is ill')
  calls.isNextLost = true
  await send(dora, carl, 'Goodbye')
  await call('deleteMe', {}, { as: dora })
  const end = () => {
    calls.down = null
    bringBackD1()
    bringBackR2()
  }
  return { file, calls, tried: () => attempts.all, end }
}

/** Rings until `end`, and returns how long each thing took to be done (milliseconds). */
async function recovery({ alice, bob, dora, ids }: People, file: File, end: number) {
  const start = Date.now()
  const open = new Map<string, () => Promise<boolean>>([
    ['alice to bob', () => holds(bob, `SELECT 1 FROM messages WHERE text = 'Sent while Bob is away'`)],
    ['profile', async () => !(await holds(alice, `SELECT 1 FROM meta WHERE key = 'profile_due'`))],
    ['files', async () => !(await holds(alice, 'SELECT 1 FROM files')) && (await env.FILES.head(file.id)) === null],
    ['record', async () => (await env.DB.prepare('SELECT 1 FROM users WHERE id = ?').bind(dora.id).first()) === null],
    ['dora to bob', () => holds(bob, `SELECT 1 FROM chats WHERE peer_id = '${dora.id}' AND peer_gone = 1`)],
    ['burial', () => holds(dora, `SELECT 1 FROM sqlite_master WHERE name = 'tombstone'`)],
  ])
  const doneAfter: Record<string, number> = {}
  await ringUntil(end, ids, async () => {
    for (const [what, isDone] of open)
      if (await isDone()) {
        doneAfter[what] = Date.now() - start
        open.delete(what)
      }
  })
  expect([...open.keys()], 'what was not done').toEqual([])
  return doneAfter
}

/** Attempts of the work itself, and probes of what it depends on. */
function divide(tried: Record<string, number>) {
  const some = (isProbe: boolean) =>
    Object.fromEntries(Object.entries(tried).filter(([what]) => what.includes('probe') === isProbe))
  return { attempts: some(false), probes: some(true) }
}

test('an hour without D1, R2 and one peer costs few attempts, holds back nothing else, and is made up for within a minute', async ({
  task,
}) => {
  const everyone = await people()
  const { bob, carl, dora, erin, ids } = everyone
  let { alice } = everyone
  const start = Date.now()
  const { file, calls, tried, end } = await outage(everyone)

  // Each message to Carl is lost at first, so that it is the alarm that delivers it.
  const sent = ['Hello']
  for (let sixth = 1; sixth <= 6; sixth++) {
    alice = await refreshed(alice)
    calls.isNextLost = true
    sent.push((await send(alice, carl, `Sent in sixth ${sixth}`)).text)
    await ringUntil(start + (sixth * hourMs) / 6, ids)
    const held = await inMailbox(carl.id, `SELECT text FROM messages WHERE chat_id = '${alice.id}' ORDER BY id`)
    expect(held.map(({ text }) => text)).toEqual(sent)
  }
  expect(await holds(carl, `SELECT 1 FROM messages WHERE text = 'Goodbye'`)).toBe(true)

  const { attempts, probes } = divide(tried())
  expect(Object.keys(attempts).sort()).toEqual([
    'alice to bob',
    'alice to erin',
    'dora to bob',
    'files',
    'profile',
    'record',
  ])
  expect(attempts['alice to erin']).toBeGreaterThan(attemptsMax / 2)
  for (const [what, count] of Object.entries(attempts)) expect(count, what).toBeLessThanOrEqual(attemptsMax)
  expect(Object.keys(probes).sort()).toEqual(['D1 probe', 'R2 probe', "alice's probe of bob", "dora's probe of bob"])
  // Two mailboxes ask D1.
  expect(probes['D1 probe']).toBeLessThanOrEqual(2 * probesMax)
  for (const what of ['R2 probe', "alice's probe of bob", "dora's probe of bob"])
    expect(probes[what], what).toBeLessThanOrEqual(probesMax)

  end()
  const doneAfter = await recovery(everyone, file, Date.now() + minuteMs)
  task.meta.note = `long outage: ${JSON.stringify(tried())}, done after ms ${JSON.stringify(doneAfter)}`

  calls.ill = null
  await ringUntil(Date.now() + hourMs, ids)
  for (const id of ids) expect(await alarmOf(id)).toBeNull()
  alice = await refreshed(alice)
  expect(await textsAt(await refreshed(bob), alice)).toEqual(['Hello', 'Sent while Bob is away'])
  expect(await textsAt(await refreshed(erin), alice)).toEqual(['Hello', 'Sent while Erin is ill'])
  const carlNow = await refreshed(carl)
  expect(await textsAt(carlNow, alice)).toEqual(sent)
  expect(await textsAt(carlNow, dora)).toEqual(['Hello', 'Goodbye'])
})
