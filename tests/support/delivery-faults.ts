import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { vi } from 'vitest'
import { limits } from '../../src/core/limits'

/** What can happen to a call to a mailbox. */
export type Fault = 'none' | 'dropped' | 'replyLost' | 'doubled' | 'late' | 'hangs'

/** A call to a mailbox: from the worker, or from another mailbox when it is `receive`. */
export interface MailboxCall {
  userId: string
  method: string
  input: unknown[]
  /** Makes the call, as often as it is asked to. */
  make: () => Promise<unknown>
}

interface Faults {
  /** Chooses what happens to the next call. */
  next: () => Fault
  /** Carries out the late calls, in the order they were held back. */
  releaseLate: () => Promise<void>
  /** Lets the calls that hang go on. */
  releaseHung: () => void
  /** How often each kind has happened. */
  counts: Record<Fault, number>
}

export const stubOf = (userId: string) => env.MAILBOX.get(env.MAILBOX.idFromName(userId))

/**
 * Intercepts every call to a mailbox at the platform's own stub, so the service's code stays as it is. Call
 * the result to remove it.
 */
export function interceptCalls(intercept: (call: MailboxCall) => Promise<unknown>): () => void {
  const prototype = Object.getPrototypeOf(env.MAILBOX)
  const getByName: typeof env.MAILBOX.getByName = prototype.getByName
  prototype.getByName = function (this: unknown, userId: string) {
    const stubNow = () => getByName.call(this as never, userId)
    return new Proxy(stubNow(), {
      get: (_, property) => {
        const method = String(property)
        // A method of a stub has no `bind`, but `fetch` needs its stub. After an abort a stub keeps failing.
        const make = async (input: unknown[]) => {
          const stub = stubNow()
          return method === 'fetch' ? stub.fetch(input[0] as Request) : Reflect.get(stub, method)(...input)
        }
        return (...input: unknown[]) => intercept({ userId, method, input, make: () => make(input) })
      },
    })
  }
  return () => Object.assign(prototype, { getByName })
}

const hangStepMs = 10

/** Calls that hang until they are released, or until the caller has given them up. Then they are carried out. */
export class HungCalls {
  #releases = 0

  release() {
    this.#releases++
  }

  /** Waits in the caller's own context, which is the only one that may resolve what it awaits. */
  async wait() {
    const releases = this.#releases
    for (let waitedMs = 0; waitedMs <= limits.deliveryTimeoutMs; waitedMs += hangStepMs) {
      if (this.#releases !== releases) return
      await new Promise((resolve) => setTimeout(resolve, hangStepMs))
    }
  }
}

interface HeldBack {
  /** Keeps a call for later. */
  hold: (make: () => Promise<unknown>) => void
  hung: HungCalls
}

/** Applies the fault to a call. */
export async function makeWithFault(fault: Fault, { make }: MailboxCall, { hold, hung }: HeldBack) {
  if (fault === 'late') hold(make)
  if (fault === 'late' || fault === 'dropped') throw new Error('The call was lost')
  if (fault === 'hangs') await hung.wait()
  if (fault === 'doubled') await make()
  const answer = await make()
  if (fault === 'replyLost') throw new Error('The reply was lost')
  return answer
}

/** Injects faults into every `receive` call between mailboxes. Call the second result to remove them. */
export function injectFaults(next: () => Fault): [Faults, () => void] {
  const late: (() => Promise<unknown>)[] = []
  const hung = new HungCalls()
  const faults: Faults = {
    next,
    counts: { none: 0, dropped: 0, replyLost: 0, doubled: 0, late: 0, hangs: 0 },
    releaseLate: async () => {
      for (const make of late.splice(0)) await make()
    },
    releaseHung: () => hung.release(),
  }
  const remove = interceptCalls((call) => {
    if (call.method !== 'receive') return call.make()
    const fault = faults.next()
    faults.counts[fault]++
    return makeWithFault(fault, call, { hold: (make) => late.push(make), hung })
  })
  return [faults, remove]
}

/** Chats whose peer has something to learn. One that the owner has blocked learns nothing. */
const undelivered = (userId: string) =>
  runInDurableObject(stubOf(userId), (_, { storage }) =>
    storage.sql
      .exec<{ count: number }>(
        `SELECT count(*) AS count FROM chats
         WHERE peer_id <> ? AND peer_gone = 0 AND peer_id NOT IN (SELECT user_id FROM blocks WHERE blocked) AND (pending_id <> ''
           OR fed_revision < revision OR fed_state_revision < state_revision
           OR fed_profile_revision < (SELECT json_extract(value, '$.revision') FROM meta WHERE key = 'profile'))`,
        userId,
      )
      .one(),
  ).then(
    ({ count }) => count,
    // An erased mailbox has no chats.
    (error) => (String(error).includes('no such table: chats') ? 0 : Promise.reject(error)),
  )

const laterMs = 10 * 60_000
const roundsMax = 50

/** Runs alarms, and nothing else, until no mailbox has a delivery due. The clock moves only for the backoff. */
export async function ringUntilDelivered(userIds: string[]) {
  try {
    for (let round = 1; round <= roundsMax; round++) {
      vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + laterMs })
      for (const userId of userIds) await runDurableObjectAlarm(stubOf(userId))
      const waiting = await Promise.all(userIds.map(undelivered))
      if (waiting.every((count) => count === 0)) return
    }
    throw new Error(`Something is still undelivered after ${roundsMax} rounds of alarms`)
  } finally {
    vi.useRealTimers()
  }
}

/** Wipes the memory of every mailbox, as a crash does. */
export const crash = () => abortAllDurableObjects()

/** Runs a query in a user's mailbox. */
export const inMailbox = <Row extends Record<string, SqlStorageValue>>(userId: string, query: string) =>
  runInDurableObject(stubOf(userId), (_, { storage }) => storage.sql.exec<Row>(query).toArray())

/** Changes what a mailbox has stored behind its back, and has it read its tables again. */
export async function alterMailbox(userId: string, statement: string) {
  await inMailbox(userId, statement)
  await evictDurableObject(stubOf(userId))
}
