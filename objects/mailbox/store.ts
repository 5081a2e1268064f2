import { log } from '../../src/core/log'
import type { Config } from '../../src/settings/config'
import { fileLinks } from '../../src/settings/file-links'
import { type Outcome, refuse } from '../durable/outcome'
import { Sequence } from '../durable/sequence'
import * as erasure from './account/erasure'
import type { Box, Caller, CallerBox } from './context'
import { budgetsOf } from './limits/quotas'
import { Sends } from './limits/send-rate'
import { Expiry } from './sessions/session-expiry'
import * as sessions from './sessions/sessions'
import { Blocks } from './tables/blocks'
import { Chats } from './tables/chats'
import { exists, migrate } from './tables/migrations'
import type { Ending, SessionLifetimes } from './tables/sessions'

/**
 * What a mailbox is: whether it lives, what it keeps in memory of its tables, and when it wakes. Its tables are changed
 * in synchronous blocks alone, of which all is kept or nothing.
 */
export class MailboxState {
  readonly userId: string
  readonly config: () => Config
  readonly chats: Chats
  readonly blocks: Blocks
  readonly #storage: DurableObjectStorage
  readonly #written: () => void
  readonly #sequence: Sequence
  readonly #sends: Sends
  readonly #expiry = new Expiry()
  #endings: (Ending & { sessionId: string })[] = []
  #alarmAt: number | null = null
  #isLive = false
  #isErased = false
  #erasure: erasure.Erasure | null = null

  /** `written` is called after each block that was kept. */
  constructor(ctx: DurableObjectState, config: () => Config, written: () => void) {
    this.userId = ctx.id.name ?? ''
    this.config = config
    this.#storage = ctx.storage
    this.#written = written
    this.#sequence = new Sequence(ctx.storage.sql, () => [...this.chats.all(), ...this.blocks.all()])
    this.chats = new Chats(ctx.storage.sql, this.#sequence)
    this.blocks = new Blocks(ctx.storage.sql, this.#sequence)
    this.#sends = new Sends(ctx.storage.sql, this.chats)
  }

  /** Reads what this object is; for before its first call. Looking does not make it a mailbox. */
  async load() {
    this.#isLive = exists(this.sql)
    this.#isErased = erasure.isErased(this.sql)
    if (!this.#isLive) return
    migrate(this.#storage, Date.now())
    this.#erasure = erasure.find(this.sql)
    this.#alarmAt = await this.#storage.getAlarm()
  }

  /** Makes this object a mailbox, if it is none yet. */
  open() {
    if (!this.#isLive) migrate(this.#storage, Date.now())
    this.#isLive = true
  }

  get sql(): SqlStorage {
    return this.#storage.sql
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Whether the owner has left for good. */
  get isGone(): boolean {
    return this.#isErased || this.#erasure !== null
  }

  /** The end of the account that is under way, or null. */
  get erasure(): erasure.Erasure | null {
    return this.#erasure
  }

  get lifetimes(): SessionLifetimes {
    const { REFRESH_IDLE_SECONDS, REFRESH_ABSOLUTE_SECONDS } = this.config()
    return { idleMs: REFRESH_IDLE_SECONDS * 1000, absoluteMs: REFRESH_ABSOLUTE_SECONDS * 1000 }
  }

  box(): Box {
    return {
      userId: this.userId,
      sql: this.sql,
      sequence: this.#sequence,
      chats: this.chats,
      blocks: this.blocks,
      budgets: budgetsOf(this.config()),
      sends: this.#sends,
      now: Date.now(),
      wakeBy: (time) => this.wakeBy(time),
      sessionEnded: (sessionId, ending) => this.#endings.push({ sessionId, ...ending }),
    }
  }

  /** Null when the caller's session is over. */
  callerBox(box: Box, { sessionId, origin }: Caller): CallerBox | null {
    if (!this.#isLive || !sessions.isLive(box.sql, sessionId, this.lifetimes, box.now)) return null
    return { ...box, sessionId, link: fileLinks(this.config(), origin, box.now) }
  }

  /** One synchronous block: all of it is kept, or none. */
  write<T>(work: (box: Box) => T): T {
    const result = this.#transact(work)
    for (const ending of this.#endings.splice(0)) log('info', 'session_ended', { userId: this.userId, ...ending })
    this.#written()
    return result
  }

  /** Does the work if the caller's session lives, in the same block. */
  asCaller<T>(caller: Caller, work: (box: CallerBox) => Outcome<T>): Outcome<T> {
    if (!this.#isLive) return refuse('session_ended')
    return this.write((box) => {
      const callerBox = this.callerBox(box, caller)
      return callerBox ? work(callerBox) : refuse('session_ended')
    })
  }

  /** Ends the sessions that have expired, as every block does; for what is answered without one. */
  noteExpired() {
    if (this.#isLive && this.#expiry.isDue(Date.now())) this.write(() => {})
  }

  #transact<T>(work: (box: Box) => T): T {
    try {
      return this.#storage.transactionSync(() => {
        const box = this.box()
        this.#expiry.settle(box, this.lifetimes)
        return work(box)
      })
    } catch (error) {
      this.#forget()
      if (this.#isLive) this.#erasure = erasure.find(this.sql)
      throw error
    }
  }

  /** Drops what is in memory; for after a transaction that was rolled back. */
  #forget() {
    this.#sequence.forget()
    this.chats.forget()
    this.blocks.forget()
    this.#sends.forget()
    this.#expiry.forget()
    this.#endings = []
    this.#alarmAt = null
  }

  /** Makes sure that the alarm rings at this time or before. */
  wakeBy(time: number) {
    if (this.#alarmAt !== null && this.#alarmAt <= time) return
    this.#alarmAt = time
    this.#storage.setAlarm(time)
  }

  get isAlarmSet(): boolean {
    return this.#alarmAt !== null
  }

  /** Notes that the alarm rings, and so is set no more. */
  alarmRings() {
    this.#alarmAt = null
  }

  /** Ends the account, in a block: when that is kept it is certain, and the alarm carries it out. */
  beginErasure(box: Box, lastUsedAt: number) {
    this.#erasure = erasure.begin(box, lastUsedAt)
  }

  /** Notes that the record in D1 is gone. */
  recordRemoved(begun: erasure.Erasure) {
    this.#erasure = this.write((box) => erasure.recordRemoved(box, begun))
  }

  /** The last step of an erasure: leaves nothing but a tombstone. */
  async bury() {
    const buried = erasure.bury(this.#storage, Date.now())
    this.#isLive = false
    this.#isErased = true
    this.#erasure = null
    this.#forget()
    await buried
  }
}
