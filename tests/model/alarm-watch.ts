import { runInDurableObject } from 'cloudflare:test'
import { expect } from 'vitest'
import { Mailbox } from '../../objects/mailbox'
import { limits } from '../../src/core/limits'
import { stubOf } from '../support/delivery-faults'
import { note } from './journal'

/** How far a run moves the clock ahead at times. */
export const aheadMs = 2 * 60_000

/** What is due in a mailbox, and the time before which nobody need try. */
const dueWork = `
  WITH due (job, at) AS (
    SELECT 'deliveries', retry_at FROM chats
      WHERE peer_id <> ? AND peer_gone = 0 AND peer_id NOT IN (SELECT user_id FROM blocks WHERE blocked)
        AND (pending_id <> '' OR fed_revision < revision OR fed_state_revision < state_revision
          OR fed_profile_revision < (SELECT json_extract(value, '$.revision') FROM meta WHERE key = 'profile'))
    UNION ALL SELECT 'profile', CAST(value AS INTEGER) FROM meta WHERE key = 'profile_due'
    UNION ALL SELECT column1, column2 FROM (VALUES
        ('search', (SELECT json_extract(value, '$.dueAt') FROM meta WHERE key = 'search')),
        ('search', (SELECT min(rebuild_at) FROM search_blocks)),
        ('quotes', (SELECT 0 FROM quote_blankings)), ('clearings', (SELECT 0 FROM clearings)))
      WHERE column2 IS NOT NULL
    UNION ALL SELECT 'files', clean_at FROM files WHERE clean_at IS NOT NULL)
  SELECT job, max(at, coalesce((SELECT retry_at FROM alarm_jobs WHERE name = job), 0)) AS at FROM due`

type Due = { job: string; at: number }

interface Look {
  due: Due[]
  alarmAt: number | null
}

const recheckMs = 50
const rechecksMax = 100
/** A write during an alarm may set the next one for at once, so one that rings early proves nothing. */
const earlyMax = 2

/**
 * Watches the alarms of a run: whenever something is due in a mailbox, its alarm is set, not later than the work needs,
 * and it does not ring over and over before any of it may be tried.
 */
export class AlarmWatch {
  readonly #userIds: string[]
  /** How many alarms of a mailbox ring: those that a run rings early overlap with its own. */
  readonly #ringing = new WeakMap<Mailbox, number>()
  readonly #earlyInARow = new WeakMap<Mailbox, number>()
  readonly #early: string[] = []
  readonly #original = Mailbox.prototype.alarm
  #aheadMs = 0

  constructor(userIds: string[]) {
    this.#userIds = userIds
    const watch = this
    Mailbox.prototype.alarm = function (this: Mailbox) {
      return watch.#ring(this)
    }
  }

  remove() {
    Mailbox.prototype.alarm = this.#original
  }

  /** From here on, some of what is stored may come from a clock that was ahead. */
  expectAhead() {
    this.#aheadMs = aheadMs
  }

  async check() {
    for (const line of this.#early) note(line)
    expect(this.#early, 'an alarm that keeps ringing before anything may be tried').toEqual([])
    const late = (await Promise.all(this.#userIds.map((userId) => this.#late(userId)))).flat()
    for (const line of late) note(line)
    expect(late, 'due with no alarm, or with one that is too late').toEqual([])
  }

  async #late(userId: string): Promise<string[]> {
    // Between the time of an alarm and its handler, no alarm is set: for longer on a slow machine.
    for (let recheck = 0; recheck < rechecksMax; recheck++) {
      if ((await this.#missed(userId)).length === 0) return []
      await new Promise((resolve) => setTimeout(resolve, recheckMs))
    }
    return this.#missed(userId)
  }

  /** What is due later than the alarm rings. While one rings, it is about to be set. */
  #missed(userId: string): Promise<string[]> {
    return runInDurableObject(stubOf(userId), async (mailbox: Mailbox, { storage }) => {
      if ((this.#ringing.get(mailbox) ?? 0) > 0) return []
      const { due, alarmAt } = await look(userId, storage)
      const now = Date.now() + this.#aheadMs
      // A write, or an alarm during a delivery, leaves that much time for the delivery that is under way.
      const latest = ({ job, at }: Due) => Math.max(at, job === 'deliveries' ? now + limits.deliveryAlarmMs : now)
      const missed = due.filter((one) => alarmAt === null || alarmAt > latest(one))
      return missed.map((one) => spelled(userId, one, alarmAt))
    })
  }

  /** Lets the alarm ring. Afterward it is set for work that may be tried by then, or for a write meanwhile. */
  async #ring(mailbox: Mailbox) {
    const started = Date.now()
    this.#countRinging(mailbox, 1)
    await this.#original.call(mailbox)
    const ended = Date.now()
    const { id, storage } = Reflect.get(mailbox, 'ctx') as DurableObjectState
    const userId = id.name ?? ''
    const { due, alarmAt } = await look(userId, storage)
    const earliest = Math.min(started, ended) + limits.deliveryAlarmMs
    const isEarly = alarmAt !== null && alarmAt < earliest && due.every(({ at }) => alarmAt < at)
    const inARow = isEarly ? (this.#earlyInARow.get(mailbox) ?? 0) + 1 : 0
    this.#earlyInARow.set(mailbox, inARow)
    if (inARow > earlyMax) this.#early.push(...due.map((one) => spelled(userId, one, alarmAt)))
    // Jobs that outlast their alarm are looked at again later, and storage does not say so.
    if (ended - started < limits.alarmWaitMs) this.#countRinging(mailbox, -1)
  }

  #countRinging(mailbox: Mailbox, change: 1 | -1) {
    this.#ringing.set(mailbox, (this.#ringing.get(mailbox) ?? 0) + change)
  }
}

/** Reads one state: no other event comes in while storage is waited for. */
const look = async (userId: string, storage: DurableObjectStorage): Promise<Look> => {
  const due = storage.sql.exec<Due>(dueWork, userId).toArray()
  return { due, alarmAt: await storage.getAlarm() }
}

function spelled(userId: string, { job, at }: Due, alarmAt: number | null): string {
  const now = Date.now()
  const due = at === 0 ? 'now' : `in ${at - now} ms`
  return `${userId}: ${job} ${due}, alarm ${alarmAt === null ? 'not set' : `in ${alarmAt - now} ms`}`
}
