// `npm run test:crash`: 16 clients write to each other, and in groups that they join and leave, while the runtime is killed
// again and again. Afterwards, everything acknowledged must be there exactly once. Set SEED to repeat a run's choices.
import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chat } from '../../../schemas/chat'
import type { Message } from '../../../schemas/message'
import { random } from '../../support/random.ts'
import { totals } from '../runtime/http.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { acquaint, signIn } from '../runtime/sign-in.ts'
import { type Finding, isPassed, runSuite, secondsSinceStart, seed } from '../runtime/suite.ts'
import { findings, lookAtAll } from './checks.ts'
import { Client } from './client.ts'
import { groupFindings, lookAtGroups } from './group-checks.ts'
import { type CrashGroup, GroupLife } from './group-life.ts'
import { killAgainAndAgain } from './kills.ts'

const users = 16
const rounds = 3
const deadlineMs = 230_000
const restWithinMs = 40_000
const restLookMs = 500

const draw = random(seed)

let onSent = () => {}

/** Resolves the moment a send is acknowledged, usually before it can be delivered. */
const nextSent = () =>
  new Promise<void>((resolve) => {
    onSent = resolve
  })

/** The clients, and what each does in groups. */
interface Cast {
  clients: Client[]
  lives: GroupLife[]
}

async function lookAtEverything({ clients, lives }: Cast): Promise<Finding[]> {
  const found = findings(await lookAtAll(clients))
  return [...found, ...groupFindings(await lookAtGroups(lives))]
}

/** Checks until everything passes or the time is up. Reading does not deliver anything; only alarms do. */
async function settle(cast: Cast): Promise<Finding[]> {
  for (const end = performance.now() + restWithinMs; ; await sleep(restLookMs)) {
    const found = await lookAtEverything(cast)
    if (performance.now() > end || found.every(isPassed)) return found
  }
}

const phoneNumbers = Array.from({ length: users }, (_, index) => `+120255501${String(index).padStart(2, '0')}`)

/** Groups of different sizes, which overlap. */
const groupSizes = [3, 6, 16]

async function createGroups(clients: Client[]): Promise<CrashGroup[]> {
  return Promise.all(
    groupSizes.map(async (size, index): Promise<CrashGroup> => {
      const [owner, ...others] = clients.slice(index).concat(clients.slice(0, index)).slice(0, size)
      if (!owner) throw new Error('A group has an owner')
      const memberIds = others.map(({ id }) => id)
      const body = { clientGroupId: `group-${index}`, title: `Group ${index}`, memberIds }
      const created = await owner.call<{ chat: Chat }>('POST', '/v1/groups', { body, expected: [200, 201] })
      if (!created.ok) throw new Error(`A group was not created: ${created.body.code}`)
      return { id: created.body.chat.id, owner, others, calls: new Map() }
    }),
  )
}

async function signAllIn(runtime: Runtime): Promise<Cast> {
  await runtime.start()
  const signedIn = await Promise.all(phoneNumbers.map((phoneNumber) => signIn(runtime, phoneNumber)))
  await acquaint(runtime, signedIn)
  const clients = signedIn.map(
    (user, index) => new Client({ origin: runtime.origin, user, seed: seed + index + 1, onSent: () => onSent() }),
  )
  const groups = await createGroups(clients)
  await runtime.kill()
  return { clients, lives: clients.map((client, index) => new GroupLife(client, groups, seed - index)) }
}

/** Kills the runtime while all clients are active, then lets calls in flight finish and pending messages be delivered. */
async function round(runtime: Runtime, cast: Cast): Promise<Finding[]> {
  const { clients, lives } = cast
  const running = Promise.all(lives.map((life) => life.client.run(clients, () => life.act())))
  await Promise.race([killAgainAndAgain(runtime, draw, nextSent), running])
  for (const client of clients) client.finish()
  console.log(`Killed after ${secondsSinceStart()} s`)
  await runtime.start()
  await running
  console.log(`Answered after ${secondsSinceStart()} s`)
  if ((await settle(cast)).every(isPassed)) await Promise.all(clients.map((client) => client.repeatSome()))
  return lookAtEverything(cast)
}

/**
 * A message that is acknowledged the moment before a kill, with nothing after it: only the group's own alarm can tell
 * members whose mailboxes it had not reached yet.
 */
async function lastWords(runtime: Runtime, cast: Cast): Promise<Finding[]> {
  const largest = cast.lives.flatMap(({ groups }) => groups).sort((a, b) => b.others.length - a.others.length)[0]
  const owner = cast.lives.find(({ client }) => client === largest?.owner)
  if (!largest || !owner) throw new Error('A group has an owner')
  const acknowledged = nextSent()
  const sent = owner.send(largest)
  await acknowledged
  await runtime.kill()
  await runtime.start()
  await sent
  return settle(cast)
}

/** Without these, a run proves nothing. */
const coverage = (clients: Client[]): Finding => ({
  name: 'kills interrupted calls, and sends that were stored but not acknowledged',
  wrong: totals.retried > 0 && sum(clients, (client) => client.foundStored) > 0 ? [] : ['no kill did'],
})

async function crashTest(runtime: Runtime): Promise<Finding[]> {
  const cast = await signAllIn(runtime)
  const { clients, lives } = cast
  for (const client of clients) client.socket.run()
  console.log(`Ready after ${secondsSinceStart()} s`)
  for (let n = 1; ; n++) {
    const found = await round(runtime, cast)
    console.log(`At rest after ${secondsSinceStart()} s, ${runtime.kills} kills`)
    if (n === rounds || !found.every(isPassed)) {
      const last = found.every(isPassed) ? await lastWords(runtime, cast) : found
      console.log(`At rest after ${secondsSinceStart()} s, with nothing sent since the last kill`)
      summarize(runtime, clients, lives)
      return [...last, coverage(clients)]
    }
    await runtime.kill()
  }
}

const isDelivered = ({ status }: Message) => status === 'delivered' || status === 'read'

const sum = (clients: Client[], count: (client: Client) => number) =>
  clients.reduce((total, client) => total + count(client), 0)

function summarize(runtime: Runtime, clients: Client[], lives: GroupLife[]) {
  const delivered = sum(clients, (client) => client.state.view().messages.filter(isDelivered).length)
  console.log(
    [
      `Seed ${seed}: ${runtime.kills} kills`,
      `${sum(clients, (client) => client.acknowledged)} messages acknowledged`,
      `${totals.retried} calls retried of ${totals.calls}`,
      `${sum(clients, (client) => client.foundStored)} retries found their message stored`,
      `${delivered} delivered`,
      `${lives.reduce((total, { acknowledged }) => total + acknowledged, 0)} messages acknowledged in groups`,
      `${secondsSinceStart()} s`,
    ].join(', '),
  )
}

await runSuite({ parent: tmpdir(), deadlineMs, work: crashTest })
