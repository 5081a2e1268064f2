import { limits } from '../../src/core/limits'
import type { Config } from '../../src/settings/config'
import { avatarLinks, fileLinks, groupFileLinks } from '../../src/settings/file-links'
import { sessionHash } from '../../src/settings/signing'
import { type AlarmJob, AlarmSchedule } from '../durable/alarm-schedule'
import { hasMigrations, migrate } from '../durable/migrate'
import { type Outcome, refuse } from '../durable/outcome'
import { SearchProgress } from '../durable/search-progress'
import { Sequence } from '../durable/sequence'
import { StorageSize } from '../durable/storage-size'
import { UnitOfWork } from '../durable/unit-of-work'
import * as erasure from './account/erasure'
import { touchContacts } from './contacts/contacts'
import type { Caller, CallerContext, CallerSession, MailboxContext } from './context'
import { LastSent } from './delivery/last-sent'
import { isFeedPending } from './delivery/outgoing'
import type { GroupWire } from './groups/to-wire'
import { type Quotas, quotasOf } from './limits/quota-figures'
import { ReadMarkLimiter } from './limits/read-mark-rate'
import { SendRateLimiter } from './limits/send-rate'
import { SessionExpiry } from './sessions/session-expiry'
import * as sessions from './sessions/sessions'
import { BlockRows } from './tables/blocks'
import { ChatRows } from './tables/chats'
import { greatestContactSeq } from './tables/contacts'
import { ensureEpoch } from './tables/epoch'
import { emptyFormerSearch } from './tables/former-search'
import { GroupRows } from './tables/groups'
import { KeyValues } from './tables/key-values'
import { migrations } from './tables/migrations'
import { ProfileRecord } from './tables/profile'
import { schema } from './tables/schema'
import { greatestSessionSeq, type SessionLifetimes, SessionRows } from './tables/sessions'

interface StoreOptions {
  config: () => Config
  jobs: () => readonly AlarmJob[]
  /** Called after each block that commits. */
  committed: () => void
}

/**
 * The state of a mailbox: whether it exists, is being erased, or is gone, and the caches of its tables. Tables change
 * only in synchronous blocks.
 */
export class MailboxStore {
  readonly userId: string
  readonly config: () => Config
  readonly chats: ChatRows
  readonly groups: GroupRows
  readonly blocks: BlockRows
  readonly sessions: SessionRows
  readonly values: KeyValues
  readonly profile: ProfileRecord
  readonly alarm: AlarmSchedule
  readonly #storage: DurableObjectStorage
  readonly #committed: () => void
  readonly #unit: UnitOfWork
  readonly #sequence: Sequence
  readonly #sendRate: SendRateLimiter
  readonly #readMarkRate = new ReadMarkLimiter()
  readonly #expiry: SessionExpiry
  readonly #searchProgress: SearchProgress
  readonly #lastSent: LastSent
  readonly #size: StorageSize
  #figures: { config: Config; quotas: Quotas } | undefined
  #isLive = false
  #isErased = false
  #erasure: erasure.Erasure | null = null

  constructor(ctx: DurableObjectState, { config, jobs, committed }: StoreOptions) {
    const { storage } = ctx
    const { sql } = storage
    this.userId = ctx.id.name ?? ''
    this.config = config
    this.#storage = storage
    this.#committed = committed
    this.#unit = new UnitOfWork(storage)
    this.#sequence = this.#unit.cache(
      new Sequence([
        () => this.chats.greatest('seq'),
        () => this.groups.greatest('seq'),
        () => this.blocks.greatest('seq'),
        () => greatestContactSeq(sql),
        () => greatestSessionSeq(sql),
        () => this.profile.seq,
      ]),
    )
    this.chats = this.#unit.cache(new ChatRows(sql, this.#sequence))
    this.groups = this.#unit.cache(new GroupRows(sql, this.#sequence))
    this.blocks = this.#unit.cache(new BlockRows(sql, this.#sequence))
    this.sessions = this.#unit.cache(new SessionRows(sql))
    this.values = this.#unit.cache(new KeyValues(sql))
    this.profile = new ProfileRecord(this.values)
    this.#lastSent = this.#unit.cache(new LastSent())
    this.#size = new StorageSize(sql)
    this.#sendRate = this.#unit.cache(new SendRateLimiter(this.chats, this.groups))
    this.#expiry = this.#unit.cache(new SessionExpiry())
    this.#searchProgress = this.#unit.cache(
      new SearchProgress({
        read: () => this.values.read('search'),
        write: (progress) => this.values.write('search', progress),
      }),
    )
    this.alarm = this.#unit.cache(new AlarmSchedule(ctx, jobs))
    this.#unit.cache({ forget: () => this.#readErasure() })
  }

  /** Reads the state of this object. Call it before the object handles its first call. It does not create a mailbox. */
  async load() {
    this.#isLive = hasMigrations(this.sql)
    this.#isErased = erasure.isErased(this.sql)
    if (!this.#isLive) return
    const isRestored = this.#migrate()
    if (isRestored) this.#unit.run(() => this.groups.doubtAll())
    this.#readErasure()
    await this.alarm.load()
  }

  /** Makes this object a mailbox, if it is not one yet. */
  open() {
    if (!this.#isLive) this.#migrate()
    this.#isLive = true
  }

  get sql(): SqlStorage {
    return this.#storage.sql
  }

  get isLive(): boolean {
    return this.#isLive
  }

  /** Whether the owner has left for good: the account was erased, or is being erased. */
  get isGone(): boolean {
    return this.#isErased || this.#erasure !== null
  }

  /** The erasure in progress, or null. */
  get erasure(): erasure.Erasure | null {
    return this.#erasure
  }

  /** The figures of a configuration, which is the same object until it changes. */
  #quotas(): Quotas {
    const config = this.config()
    if (this.#figures?.config !== config) this.#figures = { config, quotas: quotasOf(config) }
    return this.#figures.quotas
  }

  get lifetimes(): SessionLifetimes {
    const { REFRESH_IDLE_SECONDS, REFRESH_ABSOLUTE_SECONDS, SESSIONS_NOT_BEFORE } = this.config()
    return {
      idleMs: REFRESH_IDLE_SECONDS * 1000,
      absoluteMs: REFRESH_ABSOLUTE_SECONDS * 1000,
      notBefore: SESSIONS_NOT_BEFORE,
    }
  }

  context(): MailboxContext {
    return {
      userId: this.userId,
      sql: this.sql,
      sequence: this.#sequence,
      chats: this.chats,
      groups: this.groups,
      blocks: this.blocks,
      sessions: this.sessions,
      values: this.values,
      profile: this.profile,
      lastSent: this.#lastSent,
      quotas: this.#quotas(),
      sendRate: this.#sendRate,
      readMarkRate: this.#readMarkRate,
      searchProgress: this.#searchProgress,
      isFull: () => this.#size.isAtLeast(this.config().MAILBOX_BYTES),
      sessionHash: (sessionId) => sessionHash(this.config(), sessionId),
      now: Date.now(),
      wakeBy: (time) => this.alarm.wakeBy(time),
      afterCommit: (effect) => this.#unit.afterCommit(effect),
    }
  }

  /** How a group is shown to the owner, with links that begin with an origin. */
  groupWire(origin: string, groupId: string): GroupWire {
    const [config, now] = [this.config(), Date.now()]
    const link = groupFileLinks(config, origin, now, { readerId: this.userId, chatId: groupId })
    return { groupId, userId: this.userId, now, link, avatarLink: avatarLinks(config, origin, now) }
  }

  /** Null if the caller's session has ended. */
  callerContext({ sessionId, origin }: CallerSession, context = this.context()): CallerContext | null {
    if (!this.#isLive || !sessions.isLive(context, sessionId, this.lifetimes)) return null
    const config = this.config()
    return {
      ...context,
      sessionId,
      link: fileLinks(config, origin, context.now, this.userId),
      avatarLink: avatarLinks(config, origin, context.now),
      groupWire: (groupId) => this.groupWire(origin, groupId),
    }
  }

  /** Runs one synchronous block, which commits as a whole or not at all. Expired sessions end first. */
  write<T>(work: (context: MailboxContext) => T): T {
    const result = this.#unit.run(() => {
      const context = this.context()
      this.#expiry.settle(context, this.lifetimes)
      const result = work(context)
      touchContacts(context)
      this.#wakeForSaved(context)
      this.#wakeForIndex(context)
      return result
    })
    this.#committed()
    return result
  }

  /** Runs a block on behalf of a caller. Refuses with `session_ended`, in that same block, if the session has ended. */
  asCaller<T>(caller: Caller, work: (context: CallerContext) => Outcome<T>): Outcome<T> {
    if (!this.#isLive) return refuse('session_ended')
    return this.write((context) => {
      const callerContext = this.callerContext(caller, context)
      if (!callerContext) return refuse('session_ended')
      sessions.noteUse(context, caller)
      return work(callerContext)
    })
  }

  /** The same for a call that only reads: usually nothing is written, so there is nothing to commit and nothing to push. */
  readAsCaller<T>(caller: Caller, work: (context: CallerContext) => Outcome<T>): Outcome<T> {
    this.beginCall(caller)
    const context = this.callerContext(caller)
    return context ? work(context) : refuse('session_ended')
  }

  /** Ends expired sessions and notes the use of the access token. For calls that are handled without a block. */
  beginCall(caller: Pick<Caller, 'sessionId' | 'step'>) {
    this.endExpiredSessions()
    if (this.#isLive && sessions.isFirstUse(this.sessions, caller))
      this.write((context) => sessions.noteUse(context, caller))
  }

  /** Ends expired sessions, as every block does. */
  endExpiredSessions() {
    if (this.#isLive && this.#expiry.isDue(Date.now(), this.lifetimes)) this.write(() => {})
  }

  /** Ends the account, within a block: once the block commits, the erasure is certain, and the alarm carries it out. */
  beginErasure(context: MailboxContext, lastUsedAt: number) {
    this.#erasure = erasure.begin(context, lastUsedAt)
  }

  /** Notes that the record in D1 has been removed. */
  recordRemoved(begun: erasure.Erasure) {
    this.#erasure = this.write((context) => erasure.recordRemoved(context, begun))
  }

  /** The last step of an erasure: leaves nothing but a tombstone. */
  async bury() {
    const buried = erasure.bury(this.#storage, Date.now())
    this.#isLive = false
    this.#isErased = true
    this.alarm.close()
    this.#unit.forget()
    await buried
  }

  /** Has the alarm ring for whatever the block has left due to a peer, whoever caused it. */
  #wakeForSaved(context: MailboxContext) {
    const saved = context.chats.savedInBlock()
    const own = saved.length > 0 ? this.profile.find() : undefined
    if (!own) return
    for (const chat of saved)
      if (isFeedPending(context, chat, own))
        context.wakeBy(Math.max(chat.retry_at, context.now + limits.deliveryAlarmMs))
  }

  /** Has the alarm ring once there are enough changes for the search index. */
  #wakeForIndex({ sequence, now, wakeBy }: MailboxContext) {
    if (sequence.known !== undefined && this.#searchProgress.becomesDueFor(sequence.known)) wakeBy(now)
  }

  /** Returns whether the mailbox begins a life of its own: the first one, or after a restore. */
  #migrate(): boolean {
    migrate(this.#storage, { migrations, schema }, Date.now())
    const isNew = ensureEpoch(this.values)
    emptyFormerSearch(this.sql)
    return isNew
  }

  #readErasure() {
    this.#erasure = this.#isLive ? erasure.find(this.values) : null
  }
}
