import { limits } from '../../src/core/limits'
import { type AlarmJob, AlarmSchedule } from '../durable/alarm-schedule'
import { hasMigrations, migrate } from '../durable/migrate'
import { SearchProgress } from '../durable/search-progress'
import { StorageSize } from '../durable/storage-size'
import { UnitOfWork } from '../durable/unit-of-work'
import { UnreadCounts } from './changes/unread-counts'
import type { GroupContext } from './context'
import { goOn } from './members/restore'
import { bury, findTombstone } from './tables/erasure'
import { Facts, type FactsRow } from './tables/facts'
import { Members } from './tables/members'
import { migrations } from './tables/migrations'

interface StoreOptions {
  jobs: () => readonly AlarmJob[]
  /** Called after each block that has changed something for a member. */
  changed: () => void
}

/** The state of a group, and the caches of its tables. Tables change only in synchronous blocks. */
export class GroupStore {
  readonly groupId: string
  readonly facts: Facts
  readonly members: Members
  readonly unread: UnreadCounts
  readonly searchProgress: SearchProgress
  readonly alarm: AlarmSchedule
  readonly #storage: DurableObjectStorage
  readonly #unit: UnitOfWork
  readonly #changed: () => void
  readonly #size: StorageSize
  #exists = false
  #tombstone: number | null = null
  /** How far members were told, which is written with the next change. A crash before that repeats what they know. */
  told = { seq: 0, common: 0 }

  constructor(ctx: DurableObjectState, { jobs, changed }: StoreOptions) {
    const { storage } = ctx
    this.groupId = ctx.id.name ?? ''
    this.#storage = storage
    this.#changed = changed
    this.#size = new StorageSize(storage.sql)
    this.#unit = new UnitOfWork(storage)
    this.facts = this.#unit.cache(new Facts(storage.sql))
    this.members = this.#unit.cache(new Members(storage.sql))
    this.unread = this.#unit.cache(new UnreadCounts(storage.sql))
    this.searchProgress = this.#unit.cache(
      new SearchProgress({
        read: () => this.facts.find(1)?.search ?? undefined,
        write: (search) => this.facts.save({ ...this.facts.row, search }),
      }),
    )
    this.alarm = this.#unit.cache(new AlarmSchedule(ctx, jobs))
  }

  /** Reads the state of this object. Call it before the object handles its first call. It does not create a group. */
  async load() {
    this.#tombstone = findTombstone(this.sql)
    if (!hasMigrations(this.sql)) return
    this.#migrate()
    if (this.exists && this.facts.row.restored === 1) this.#unit.run(() => goOn(this.context()))
    await this.alarm.load()
  }

  /** Makes this object a group, if it is not one yet, and never was one. */
  open() {
    if (!this.#exists && this.#tombstone === null) this.#migrate()
  }

  /** The number of the last change, if this object was a group once; null otherwise. */
  get tombstone(): number | null {
    return this.#tombstone
  }

  /** Whether the group has ended, and is being erased. */
  get isEnding(): boolean {
    return this.exists && this.facts.row.ended_at !== null
  }

  /** The last step of an erasure: leaves nothing but a tombstone. */
  async bury() {
    const { seq } = this.facts.row
    const buried = bury(this.#storage, seq, Date.now())
    this.#exists = false
    this.#tombstone = seq
    this.alarm.close()
    this.#unit.forget()
    await buried
  }

  get sql(): SqlStorage {
    return this.#storage.sql
  }

  /** Whether there is such a group: others answer like one that the caller is not in. */
  get exists(): boolean {
    return this.#exists && this.facts.find(1) !== undefined
  }

  context(): GroupContext {
    const { groupId, sql, facts, members, unread, searchProgress } = this
    const isFull = () => this.#size.isAtLeast(limits.groupBytesMax)
    const wakeBy = (time: number) => this.alarm.wakeBy(time)
    const now = Date.now()
    return { groupId, sql, facts, members, unread, searchProgress, isFull, now, wakeBy, change: notInBlock }
  }

  /** Runs one synchronous block, which commits as a whole or not at all, and has members told of what it changed. */
  write<T>(work: (context: GroupContext) => T): T {
    let number: number | undefined
    const result = this.#unit.run(() => {
      const context = this.context()
      const change: GroupContext['change'] = (kind) => {
        const { row } = this.facts
        number ??= row.seq + 1
        const common_seq = kind === 'common' ? number : row.common_seq
        this.facts.save({ ...this.withTold(row), seq: number, common_seq, changed_at: context.now })
        return number
      }
      const result = work({ ...context, change })
      if (number !== undefined) this.alarm.wakeBy(this.isEnding ? context.now : context.now + limits.groupAlarmMs)
      return result
    })
    if (number !== undefined) this.#changed()
    return result
  }

  /** The row with how far members were told. */
  withTold(row: FactsRow): FactsRow {
    const { seq, common } = this.told
    return { ...row, told: Math.max(row.told, seq), told_common: Math.max(row.told_common, common) }
  }

  #migrate() {
    migrate(this.#storage, { migrations }, Date.now())
    this.#exists = true
  }
}

const notInBlock = (): never => {
  throw new Error('A group was changed outside a block')
}
