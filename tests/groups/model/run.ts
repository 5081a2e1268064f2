import { runDurableObjectAlarm } from 'cloudflare:test'
import { vi } from 'vitest'
import { limits } from '../../../src/core/limits'
import { forget, note } from '../../model/journal'
import { befriend } from '../../support/chat-calls'
import { stubOf } from '../../support/delivery-faults'
import { createInvite, groupOf, type TestGroup } from '../../support/group-calls'
import { random } from '../../support/random'
import { configureGroup } from '../../support/rotation'
import { checkAll } from './checks'
import { commands, commandWeights, type Person, type World } from './commands'
import { type Device, type Given, RestDevice, SocketDevice } from './devices'
import { Faults } from './faults'
import { Ledger } from './ledger'
import { groupStub, readGroup } from './state'

/** One history: phases of commands and faults, after each of which everything has to be right. */

export const phasesPerRun = 8
export const commandsPerPhase = 10
const peoplePerRun = 5
const title = 'Title'
const atOnceMax = 3
/** Of a hundred calls between objects, how many fail: in a run that is calm, one as usual, and one that is rough. */
const rates = [3, 6, 25]
/** A call that takes longer goes on in the background. */
const waitMs = 40
const roundsMax = 40
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Bounds at which little is much, so that a short history meets them. */
export const narrow = {
  ...{ groupPassPauseMs: 5, groupPassManyCalls: 3, groupChangesBehindMax: 14, groupFrameRowsMax: 6, pageDefault: 8 },
  ...{ deliveryTimeoutMs: 200 },
}

/** The same for times, while calls fail. What is asked afterwards is answered, however slow the machine is. */
const hasty = { groupCallSlowMs: 25, groupCallMs: 150, groupAddMs: 60, groupChecksMs: 60, groupPassMs: 200 }
const { groupCallSlowMs, groupCallMs, groupAddMs, groupChecksMs, groupPassMs } = limits
const patient = { groupCallSlowMs, groupCallMs, groupAddMs, groupChecksMs: 5 * groupChecksMs, groupPassMs }
const usual = { ...patient, groupChecksMs }

interface Scene extends World {
  given: Given[]
  violations: string[]
  faults: Faults
  isSliced: boolean
}

export interface RunResult {
  commands: Map<string, number>
  faults: ReadonlyMap<string, number>
  applied: number
  fetches: number
}

export async function runOnce(seed: number): Promise<RunResult> {
  forget()
  const draw = random(seed)
  // Read marks are for all to see in small groups alone.
  Object.assign(limits, { groupMarksShownMax: draw.pick([2, 32]) })
  const { group, users } = await groupOf(peoplePerRun, { title })
  const [owner] = users
  if (!owner) throw new Error('A group has an owner')
  const codes = {
    code: (await createInvite(owner, group)).code,
    closedCode: (await createInvite(owner, group, { needsApproval: true })).code,
  }
  // Contacts can add each other again after they have left.
  for (const one of users) for (const other of users) if (one.id < other.id) await befriend(one, other)
  const ledger = new Ledger(
    users.map(({ id }) => id),
    title,
  )
  const notes = { given: [], violations: [], ledger }
  const people = users.map((user, index): Person => ({ user, devices: devicesOf(user, index, notes) }))
  const faults = new Faults(draw)
  const scene: Scene = { ...{ group, people, draw, faults, isSliced: draw.below(3) === 0 }, ...codes, ...notes }
  const counted = new Map<string, number>()
  try {
    for (const { devices } of people) for (const device of devices) await device.look()
    for (let phase = 0; phase < phasesPerRun; phase++) {
      note(`phase ${phase}`)
      Object.assign(limits, hasty)
      await act(scene, counted)
      Object.assign(limits, patient)
      note('healing')
      await heal(scene)
      ledger.endPhase()
      if (!(await checkAll(scene))) break
    }
  } finally {
    Object.assign(limits, usual)
    faults.remove()
    for (const { devices } of people)
      for (const device of devices) if (device instanceof SocketDevice) device.disconnect()
  }
  const copies = people.flatMap(({ devices }) => devices.map((device) => device.copies.counts))
  return {
    ...{ commands: counted, faults: faults.counts },
    applied: copies.reduce((sum, { applied }) => sum + applied, 0),
    fetches: copies.reduce((sum, { fetches }) => sum + fetches, 0),
  }
}

/** One user is at HTTP alone, one at sockets alone, and all others have one device of each kind. */
function devicesOf(user: Person['user'], index: number, scene: ConstructorParameters<typeof RestDevice>[1]): Device[] {
  const [first, second] =
    index === 1 ? [RestDevice, RestDevice] : index === 2 ? [SocketDevice, SocketDevice] : [RestDevice, SocketDevice]
  return [new first(user, scene), new second(user, scene)]
}

/** Some commands, a few at once, while calls fail and objects go away. Nothing of it is left on its way. */
async function act(scene: Scene, counted: Map<string, number>) {
  const { draw, faults, group, people } = scene
  faults.rate = draw.pick(rates)
  const running: Promise<unknown>[] = []
  for (let left = commandsPerPhase; left > 0; ) {
    if (scene.isSliced) await configureGroup(group.id, { GROUP_CALLS_AT_ONCE: 2 }).catch(() => {})
    if (draw.below(6) === 0) faults.releaseHung()
    if (draw.below(6) === 0) running.push(faults.releaseLate())
    if (draw.below(6) === 0) running.push(happen(scene))
    const count = Math.min(left, draw.between(1, atOnceMax))
    left -= count
    const batch = Array.from({ length: count }, async () => {
      const name = draw.weighted(commandWeights)
      counted.set(name, (counted.get(name) ?? 0) + 1)
      await commands[name]?.run(scene, draw.pick(people).user)
    })
    running.push(...batch)
    await Promise.race([Promise.all(batch), pause(waitMs)])
  }
  faults.rate = 0
  faults.releaseHung()
  await faults.releaseLate()
  await Promise.all(running)
}

function happen({ draw, faults, group, people }: Scene) {
  if (draw.below(2) === 0) return faults.happen(groupStub(group), 'the group')
  const { id } = draw.pick(people).user
  return faults.happen(stubOf(id), id)
}

/** Lets alarms ring until nobody owes anything, with the clock ahead of every delay. */
async function heal({ group, people, faults }: Scene) {
  try {
    for (let round = 0; round < roundsMax; round++) {
      faults.releaseHung()
      await faults.releaseLate()
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 60_000 })
      await runDurableObjectAlarm(groupStub(group))
      for (const { user } of people) await runDurableObjectAlarm(stubOf(user.id))
      await pause(2)
      if (round > 0 && (await isAtRest(group))) return
    }
  } finally {
    vi.useRealTimers()
  }
}

async function isAtRest(group: TestGroup) {
  const { isErased, members, seq, told, alarmAt } = await readGroup(group)
  return isErased || (told === seq && alarmAt === null && members.every(({ owed }) => owed === 0))
}
