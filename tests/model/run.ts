import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { expect, vi } from 'vitest'
import {
  crash,
  type Fault,
  HungCalls,
  interceptCalls,
  type MailboxCall,
  makeWithFault,
  ringUntilDelivered,
  stubOf,
} from '../support/delivery-faults'
import { indexAll } from '../support/search-index'
import { AlarmWatch, aheadMs } from './alarm-watch'
import { checkAll } from './checks'
import { latestIn, type Scene, type Task, taskOf } from './commands'
import { close, forget, note } from './journal'
import { Ledger } from './ledger'
import { newPerson, type Person } from './people'
import { type Burst, batchesOf, type Event, type EventKind, type Plan } from './plan'
import { count } from './totals'

export const peoplePerRun = 3

const isDone = (outcome: unknown) =>
  typeof outcome === 'object' && outcome !== null && Reflect.get(outcome, 'ok') === true

/** Of two answers, a user's call gets the one that reports success: the other may come after what undid it. */
async function makeTwice({ make }: MailboxCall): Promise<unknown> {
  const [first, second] = [await make(), await make()]
  return isDone(first) ? first : second
}

/** The faults of a run, between calls and their mailboxes. */
class Faults {
  readonly #plan: Plan
  readonly #late: (() => Promise<unknown>)[] = []
  readonly #hung = new HungCalls()
  readonly #removeFromCalls: () => void
  #isOff = false
  #unreachable: { userId: string; fault: Fault } | undefined
  #deliveries = 0
  #calls = 0

  constructor(plan: Plan) {
    this.#plan = plan
    this.#removeFromCalls = interceptCalls((call) => this.#intercept(call))
  }

  /** Carries out the calls that were held back; they are kept, and come again with the next release. */
  async releaseLate() {
    this.#hung.release()
    for (const make of [...this.#late]) await make().catch(() => undefined)
  }

  /** Has every delivery to a user meet the fault while `work` runs. Calls that still hang then go on. */
  async unreachable(userId: string, fault: Fault, work: () => Promise<unknown>) {
    this.#unreachable = { userId, fault }
    try {
      await work()
    } finally {
      this.#unreachable = undefined
      this.#hung.release()
    }
  }

  off() {
    this.#isOff = true
  }

  remove() {
    this.#removeFromCalls()
  }

  async #intercept(call: MailboxCall): Promise<unknown> {
    if (this.#isOff) return call.make()
    const isDelivery = call.method === 'receive'
    if (isDelivery && call.userId === this.#unreachable?.userId) return this.#make(this.#unreachable.fault, call)
    const drawn =
      (isDelivery ? this.#plan.deliveryFaults[this.#deliveries++] : this.#plan.callFaults[this.#calls++]) ?? 'none'
    // No network causes a second socket that nobody holds.
    const fault = call.method === 'fetch' && drawn === 'doubled' ? 'none' : drawn
    if (!isDelivery && fault === 'late') return this.#repeatLater(call)
    this.#count(isDelivery ? 'delivery' : 'call', fault)
    if (fault !== 'none') note('  ', call.method, 'to', call.userId, fault)
    if (!isDelivery && fault === 'doubled') return makeTwice(call)
    return this.#make(fault, call)
  }

  #make(fault: Fault, call: MailboxCall) {
    return makeWithFault(fault, call, { hold: (make) => this.#late.push(make), hung: this.#hung })
  }

  /** A user's call is answered in time, and a copy of a send comes late: it must have no effect. */
  async #repeatLater(call: MailboxCall): Promise<unknown> {
    const outcome = await call.make()
    if (call.method === 'sendMessage' && isDone(outcome)) {
      this.#late.push(call.make)
      this.#count('call', 'late')
    }
    return outcome
  }

  #count(what: string, fault: Fault) {
    if (fault !== 'none') count('fault', `${what} ${fault}`)
  }
}

/** Runs `work` with the clock ahead: due times pass, and what comes afterward has an earlier time. */
async function ahead(work: () => Promise<unknown>) {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + aheadMs })
  try {
    await work()
  } finally {
    vi.useRealTimers()
  }
}

const abort = (userId: string) =>
  // The call itself fails along with the object.
  runInDurableObject(stubOf(userId), (_, state) => state.abort()).catch(() => undefined)

const happenings = (people: Person[], faults: Faults, { kind, who }: Event): Promise<unknown> => {
  const { id } = people[who % people.length] ?? { id: '' }
  const each: Record<EventKind, () => Promise<unknown>> = {
    abortedAll: crash,
    aborted: () => abort(id),
    evicted: () => evictDurableObject(stubOf(id)),
    alarmEarly: () => runDurableObjectAlarm(stubOf(id)),
    alarmLate: () => ahead(() => runDurableObjectAlarm(stubOf(id))),
    lateReleased: () => faults.releaseLate(),
    clockAhead: async () => undefined,
  }
  count('fault', kind)
  note('  ', kind, id)
  return each[kind]().catch(() => undefined)
}

/** Runs the tasks of one lane one after the other, and the lanes concurrently. */
const inLanes = (tasks: Task[]) =>
  Promise.all(
    [...Map.groupBy(tasks, ({ lane }) => lane).values()].map(async (lane) => {
      for (const task of lane) {
        await task.run()
        count('command', task.name)
      }
    }),
  )

const knownMin = 4

/** Carries out a burst in a chat that has some messages. */
async function carryOutBurst(scene: Scene, faults: Faults, { who, whom, fault, steps }: Burst) {
  const self = scene.people[who % scene.people.length]
  const others = scene.people.filter((one) => one !== self)
  const peer = others[whom % others.length]
  if (!self || !peer) return
  const run = async (step: Burst['steps'][number]) => {
    const task = taskOf(scene, { ...step, who, whom }, latestIn(scene, self, peer.id))
    await (task && inLanes([task]))
  }
  for (let known = latestIn(scene, self, peer.id).length; known < knownMin; known++)
    await run({ kind: 'send', which: 0, how: 1 })
  count('fault', `burst ${fault}`)
  note('  ', peer.id, 'cannot be reached:', fault)
  await faults.unreachable(peer.id, fault, async () => {
    for (const step of steps) await run(step)
  })
}

/** Carries out a plan with fresh users, heals everything and checks every guarantee. */
export async function carryOut(plan: Plan) {
  forget()
  const ledger = new Ledger()
  const people = await Promise.all(Array.from({ length: peoplePerRun }, newPerson))
  const scene = { people, ledger }
  const faults = new Faults(plan)
  const alarms = new AlarmWatch(people.map(({ id }) => id))
  try {
    for (const [index, commands] of batchesOf(plan).entries()) {
      note(`batch ${index}`)
      const event = plan.events[index]
      const work = () => {
        const tasks = commands.flatMap((command) => taskOf(scene, command) ?? [])
        return Promise.all([inLanes(tasks), event && happenings(people, faults, event)])
      }
      if (event?.kind === 'clockAhead' || event?.kind === 'alarmLate') alarms.expectAhead()
      await (event?.kind === 'clockAhead' ? ahead(work) : work())
      await alarms.check()
      const burst = plan.bursts[index]
      if (burst) await carryOutBurst(scene, faults, burst)
      if (burst) await alarms.check()
    }
    await heal(people, faults)
    close()
    await checkAll(ledger, people)
  } finally {
    faults.remove()
    alarms.remove()
    for (const { live } of people) live.disconnect()
  }
}

async function heal(people: Person[], faults: Faults) {
  const ids = people.map(({ id }) => id)
  faults.off()
  note('healing')
  await faults.releaseLate()
  await ringUntilDelivered(ids)
  await faults.releaseLate()
  await ringUntilDelivered(ids)
  for (const id of ids) await indexAll({ id })
  for (const id of ids) {
    const alarm = await runInDurableObject(stubOf(id), (_, { storage }) => storage.getAlarm())
    expect(alarm, 'no alarm is set when nothing is due').toBeNull()
  }
}
