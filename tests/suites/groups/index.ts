// `npm run test:groups`: a group of 1,000 members, 100 of whom have a socket open, takes 50 messages a second for 30 seconds
// while the mailbox of one member hangs for a third of the time. Every socket has to end with what the group holds, and what
// that costs is counted. Set SEED to repeat a run's choices.
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Chat } from '../../../schemas/chat'
import type { GroupMemberShown } from '../../../schemas/group'
import type { Message } from '../../../schemas/message'
import { type Page, readAll } from '../../support/pages.ts'
import { random } from '../../support/random.ts'
import { attempt, obtain } from '../runtime/http.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { type SignedInUser, signIn } from '../runtime/sign-in.ts'
import { type Finding, runSuite, secondsSinceStart, seed } from '../runtime/suite.ts'
import { Member } from './member.ts'

const membersMax = 1_000
const sockets = 100
const addedAtOnce = 32
const messagesPerSecond = 50
const seconds = 30
const hangs = { from: 10, to: 20 }
const signInsAtOnce = 16
const deadlineMs = 170_000
const restWithinMs = 40_000
/** Generous: the process holds the simulators of D1 and R2 as well, and one mailbox for each member. */
const residentMegabytesMax = 1_500
const fetchesPerMessageMax = 0.5

const draw = random(seed)
const log = (text: string) => console.log(`${text} after ${secondsSinceStart()} s`)
const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b)
const quantile = (numbers: number[], share: number) => sorted(numbers)[Math.floor((numbers.length - 1) * share)] ?? 0

/** What the service counts: see `counting-worker.ts`. */
interface Counts {
  nudges: number
  tooMuch: number
  hung: number
  repeated: number
}

interface Scene {
  runtime: Runtime
  groupId: string
  owner: SignedInUser
  live: Member[]
}

interface Sent {
  text: string
  at: number
}

const numberOf = (index: number) => `+49151${10_000_000 + index}`

async function inBatches<Item, Result>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += atOnce)
    results.push(...(await Promise.all(items.slice(start, start + atOnce).map(work))))
  return results
}

async function gather(runtime: Runtime): Promise<Scene> {
  const { origin } = runtime
  const numbers = Array.from({ length: membersMax }, (_, index) => numberOf(index))
  const users = await inBatches(numbers, signInsAtOnce, (number) => signIn(runtime, number))
  const [owner, ...others] = users
  if (!owner) throw new Error('Nobody signed in')
  log(`${users.length} users have signed in`)
  const { token } = owner
  const created = await attempt<{ chat: Chat }>(origin, 'POST', '/v1/groups', {
    token,
    body: { clientGroupId: 'load', title: 'Everybody' },
  })
  if (!created.ok) throw new Error(created.body.code)
  const groupId = created.body.chat.id
  for (let start = 0; start < others.length; start += addedAtOnce) {
    const userIds = others.slice(start, start + addedAtOnce).map(({ id }) => id)
    const { added } = await obtain<{ added: string[] }>(origin, 'POST', `/v1/groups/${groupId}/members`, {
      token,
      body: { userIds },
    })
    if (added.length !== userIds.length) throw new Error(`${added.length} of ${userIds.length} were added`)
  }
  log('All of them are members')
  const live = others.slice(0, sockets).map((user) => new Member(user))
  await Promise.all(live.map((member) => member.connect(origin)))
  await Promise.all(live.map(({ copies }) => copies.catchUp()))
  log(`${live.length} sockets are open`)
  return { runtime, groupId, owner, live }
}

async function send({ runtime, groupId, live }: Scene, text: string): Promise<Sent> {
  const { token } = draw.pick(live).user
  const body = { clientMessageId: text, text }
  for (;;) {
    const at = performance.now()
    const answer = await attempt<Message>(runtime.origin, 'POST', `/v1/chats/${groupId}/messages`, { token, body })
    if (answer.ok) return { text, at }
    if (answer.status < 500) throw new Error(`${answer.status} ${answer.body.code}`)
  }
}

/** Sends at a steady rate, whatever the answers take. */
async function load(scene: Scene, hang: (userId: string) => Promise<void>): Promise<Sent[]> {
  const hanging = scene.live.at(-1)?.user.id ?? ''
  const sending: Promise<Sent>[] = []
  const startedAt = performance.now()
  for (let n = 0; n < messagesPerSecond * seconds; n++) {
    if (n === hangs.from * messagesPerSecond) await hang(hanging)
    if (n === hangs.to * messagesPerSecond) await hang('')
    sending.push(send(scene, `message ${n}`))
    const dueAt = startedAt + ((n + 1) * 1_000) / messagesPerSecond
    await sleep(Math.max(0, dueAt - performance.now()))
  }
  return Promise.all(sending)
}

/** The most memory that a process has held at once, in megabytes; null on systems other than Linux. */
function peakMegabytes(pid: number | undefined): number | null {
  try {
    const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return Number(kilobytes) / 1_024
  } catch {
    return null
  }
}

async function readGroup({ runtime, groupId, owner }: Scene) {
  const list = <Item>(listPath: string) =>
    readAll((cursor) => {
      const query = new URLSearchParams({ limit: '200', ...(cursor !== undefined && { cursor }) })
      return obtain<Page<Item>>(runtime.origin, 'GET', `${listPath}?${query}`, { token: owner.token })
    })
  return {
    messages: (await list<Message>(`/v1/chats/${groupId}/messages`)).reverse(),
    members: await list<GroupMemberShown>(`/v1/groups/${groupId}/members`),
  }
}

const shared = ({ id, senderId, text }: Message) => ({ id, senderId, text })

/** What sockets hold other than the group does. */
function differences({ live, groupId }: Scene, { messages, members }: Awaited<ReturnType<typeof readGroup>>): string[] {
  return live.flatMap(({ user, copies, isOpen }) => {
    const copy = copies.copies.get(groupId)
    const shown = copy?.shown()
    if (!copy || !shown) return [`${user.id} holds nothing`]
    const wanted = messages.filter(({ id }) => id >= copy.from).map(shared)
    const isRight =
      isDeepStrictEqual(shown.messages.map(shared), wanted) &&
      isDeepStrictEqual(shown.members, members) &&
      shown.chat?.lastMessage?.id === messages.at(-1)?.id
    return isRight && isOpen ? [] : [`${user.id} holds ${shown.messages.length} of ${wanted.length}, open ${isOpen}`]
  })
}

async function settle(scene: Scene) {
  for (const end = performance.now() + restWithinMs; ; await sleep(500)) {
    const wrong = differences(scene, await readGroup(scene))
    if (wrong.length === 0 || performance.now() > end) return wrong
  }
}

async function groupTest(runtime: Runtime): Promise<Finding[]> {
  await runtime.start()
  const scene = await gather(runtime)
  const { live, groupId } = scene
  const ask = async <T>(where: string): Promise<T> => (await fetch(runtime.origin + where)).json() as Promise<T>
  const before = await ask<Counts>('/counts')
  const fetchedBefore = live.reduce((sum, { copies }) => sum + copies.counts.fetches, 0)
  const sent = await load(scene, (userId) => ask(`/hang?userId=${userId}`))
  log(`${sent.length} messages were sent`)
  const wrong = await settle(scene)
  log('At rest')

  const after = await ask<Counts>('/counts')
  const { messages } = await readGroup(scene)
  const texts = new Set(messages.map(({ text }) => text))
  const steady = live.slice(0, -1)
  const delays = steady.flatMap(({ arrivals }) =>
    sent.flatMap(({ text, at }) => (arrivals.has(text) ? (arrivals.get(text) ?? 0) - at : [])),
  )
  const during = sent.slice(hangs.from * messagesPerSecond, hangs.to * messagesPerSecond)
  const hindered = steady.flatMap(({ arrivals }) =>
    during.flatMap(({ text, at }) => (arrivals.has(text) ? (arrivals.get(text) ?? 0) - at : [])),
  )
  const fetches = live.reduce((sum, { copies }) => sum + copies.counts.fetches, 0) - fetchedBefore
  const frames = live.reduce((sum, { copies }) => sum + copies.counts.applied, 0)
  const megabytes = peakMegabytes(runtime.pid)
  const calls = after.nudges - before.nudges
  const figures = [
    `${(calls / sent.length).toFixed(2)} calls per message`,
    `${(fetches / sent.length).toFixed(3)} fetches per message`,
    `${(frames / sent.length).toFixed(2)} frames applied per message`,
    `${after.tooMuch - before.tooMuch} frames without changes`,
    `a message arrives after ${quantile(delays, 0.5).toFixed(0)} ms (99 %: ${quantile(delays, 0.99).toFixed(0)} ms)`,
    `while one mailbox hangs after ${quantile(hindered, 0.5).toFixed(0)} ms (99 %: ${quantile(hindered, 0.99).toFixed(0)} ms, at most ${quantile(hindered, 1).toFixed(0)} ms), with ${after.hung} calls that hung`,
    `the process took ${megabytes?.toFixed(0)} MB`,
  ]
  console.log(`Seed ${seed}: ${figures.join(', ')}`)
  return [
    { name: 'every socket ends with what the group holds', wrong },
    {
      name: 'every message is in the group once',
      wrong: sent.filter(({ text }) => !texts.has(text)).map(({ text }) => text),
    },
    {
      name: 'no mailbox is called twice in a pass',
      wrong: after.repeated > before.repeated ? [`${after.repeated - before.repeated} calls`] : [],
    },
    {
      name: `at most ${fetchesPerMessageMax} fetches per message`,
      wrong: fetches / sent.length > fetchesPerMessageMax ? [`${fetches} for ${sent.length} messages`] : [],
    },
    {
      name: 'messages are coalesced: a mailbox is called less often than messages are sent',
      wrong: calls > (sockets * sent.length) / 2 + membersMax ? [`${calls} calls`] : [],
    },
    { name: 'a mailbox was called that hung', wrong: after.hung > 0 ? [] : ['none was'] },
    {
      name: `the process stays below ${residentMegabytesMax} MB`,
      wrong: (megabytes ?? 0) > residentMegabytesMax ? [`${megabytes} MB in ${groupId}`] : [],
    },
  ]
}

await runSuite({
  parent: tmpdir(),
  deadlineMs,
  options: {
    configScript: [path.join(import.meta.dirname, 'write-config.ts')],
    // Leads to the worker itself.
    socket: 'direct:0:default',
  },
  work: groupTest,
})
