import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { note } from '../../model/journal'
import { type Fault, HungCalls, interceptCalls, type MailboxCall, makeWithFault } from '../../support/delivery-faults'
import type { Random } from '../../support/random'

type Stub = DurableObjectStub

const calls = { dropped: 3, replyLost: 3, doubled: 2, late: 2, hangs: 2 } satisfies Record<
  Exclude<Fault, 'none'>,
  number
>

const events = {
  evicted: (stub: Stub) => evictDurableObject(stub),
  // The call itself fails along with the object.
  aborted: (stub: Stub) => runInDurableObject(stub, (_, state) => state.abort()),
  alarmEarly: (stub: Stub) => runDurableObjectAlarm(stub),
  // The platform drops an alarm for good that was interrupted too often. The object finds its work when it wakes.
  alarmDropped: (stub: Stub) =>
    runInDurableObject(stub, async (_, state) => {
      await state.storage.deleteAlarm()
      await state.storage.sync()
      state.abort()
    }),
}

const eventWeights = { evicted: 3, aborted: 2, alarmEarly: 4, alarmDropped: 1 } satisfies Record<
  keyof typeof events,
  number
>

const isDone = (outcome: unknown) =>
  typeof outcome === 'object' && outcome !== null && Reflect.get(outcome, 'ok') === true

/** Of two answers, the caller gets the one that reports success: the other may come after what undid it. */
async function makeTwice({ make }: MailboxCall): Promise<unknown> {
  const [first, second] = [await make(), await make()]
  return isDone(first) ? first : second
}

const toMailbox = new Set(['nudge', 'mayBeAdded', 'signalInGroup'])

const isBetweenObjects = ({ userId, method }: MailboxCall) => userId.startsWith('grp_') || toMailbox.has(method)

/** Everything that goes wrong between a group and the mailboxes of its members. */
export class Faults {
  readonly counts = new Map<string, number>()
  /** Of a hundred calls, how many fail. */
  rate = 0
  readonly #draw: Random
  readonly #late: (() => Promise<unknown>)[] = []
  readonly #hung = new HungCalls()
  readonly #remove: () => void

  constructor(draw: Random) {
    this.#draw = draw
    this.#remove = interceptCalls((made) => this.#intercept(made))
  }

  /** Something happens to an object. */
  async happen(stub: Stub, who: string) {
    const kind = this.#draw.weighted(eventWeights)
    this.#count(kind)
    note('  ', kind, who)
    await events[kind](stub).catch(() => undefined)
  }

  /** Calls that hang go on. */
  releaseHung() {
    this.#hung.release()
  }

  /** Calls that were late arrive. */
  async releaseLate() {
    for (const make of this.#late.splice(0)) await make().catch(() => undefined)
  }

  remove() {
    this.#remove()
  }

  #intercept(made: MailboxCall) {
    if (!isBetweenObjects(made) || this.#draw.below(100) >= this.rate) return made.make()
    const fault = this.#draw.weighted(calls)
    this.#count(fault)
    note('  ', made.method, 'to', made.userId, fault)
    if (fault === 'doubled') return makeTwice(made)
    return makeWithFault(fault, made, { hold: (make) => this.#late.push(make), hung: this.#hung })
  }

  #count(what: string) {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1)
  }
}
