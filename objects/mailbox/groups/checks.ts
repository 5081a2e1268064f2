import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import type { AlarmJob } from '../../durable/alarm-schedule'
import { retryTime } from '../../durable/backoff'
import { timeLimit, waitAtMost } from '../../durable/time-limit'
import type { GroupStub } from '../../group/shapes'
import { isOut } from '../../group/shapes'
import type { MailboxStore } from '../store'
import type { GroupRow } from '../tables/groups'
import { actorOf } from './actor'
import { exit, learn } from './rows'

interface Dependencies {
  store: MailboxStore
  groupOf: (groupId: string) => GroupStub
  waitUntil: (promise: Promise<unknown>) => void
  /** Whether somebody is looking: then a group that did not answer is asked again. */
  isLive: () => boolean
}

/** A question that is under way. */
interface Check {
  done: Promise<void>
  /** The last change that the group has told of meanwhile. */
  toldMeanwhile: number
}

/** In the single values of the mailbox: when groups are asked again (epoch milliseconds). */
const key = 'groups_retry_at'

const backoff = { baseMs: limits.groupRetryMs, maxMs: limits.groupRetryMaxMs }

/**
 * Asks groups that have changed how they look to the owner, before anything of them is shown. A group that has been asked
 * tells of its next change again.
 */
export class GroupChecks {
  readonly #given: Dependencies
  readonly #checks = new Map<string, Check>()
  #failures = 0
  /** When groups that did not answer are asked again, as long as somebody is looking. */
  #retryAt: number | null = null

  constructor(given: Dependencies) {
    this.#given = given
  }

  /** Whether a group must be asked before it is shown. */
  get isDue(): boolean {
    return this.#due().length > 0
  }

  isChecking(groupId: string): boolean {
    return this.#checks.has(groupId)
  }

  /** Whether this group must be asked before it is shown. */
  isDueFor({ dirty, checked_at }: GroupRow): boolean {
    return dirty === 1 || Date.now() - checked_at > limits.groupBelievedMs
  }

  /** A group has told of a change. */
  told(groupId: string, seq: number) {
    const check = this.#checks.get(groupId)
    if (check) check.toldMeanwhile = Math.max(check.toldMeanwhile, seq)
  }

  /** Asks all groups that are due, for two seconds at most. Resolves to whether all have answered. Never rejects. */
  async refresh(): Promise<boolean> {
    const until = Date.now() + limits.groupChecksMs
    const due = this.#due()
    for (let at = 0; at < due.length && Date.now() < until; at += limits.groupChecksAtOnce) {
      const asked = due.slice(at, at + limits.groupChecksAtOnce).map((row) => this.check(row.group_id))
      await waitAtMost(Math.max(1, until - Date.now()), Promise.all(asked))
    }
    const isComplete = !this.isDue
    this.#note(isComplete)
    return isComplete
  }

  /** Asks again while somebody is looking. */
  job(): AlarmJob {
    return {
      name: 'groups',
      due: () => (this.#given.isLive() && this.isDue ? this.#dueAt() : null),
      run: async () => {
        await this.refresh()
      },
    }
  }

  #due(): GroupRow[] {
    const { store } = this.#given
    if (!store.isLive || store.isGone) return []
    return store.groups.joined().filter((row) => this.isDueFor(row))
  }

  #note(isComplete: boolean) {
    this.#failures = isComplete ? 0 : this.#failures + 1
    this.#retryAt = isComplete ? null : retryTime(this.#failures, backoff, Date.now())
    this.remind()
  }

  /**
   * Has the alarm ask again, if somebody is looking: call it when somebody begins to. The time is stored, for a mailbox can
   * hibernate with its sockets open.
   */
  remind() {
    const { store, isLive } = this.#given
    if (!store.isLive || store.isGone) return
    const stored = store.values.read(key)
    if (this.#retryAt === null) {
      if (stored !== undefined) store.write(({ values }) => values.remove(key))
    } else if (isLive()) {
      const retryAt = this.#retryAt
      store.write(({ values }) => values.write(key, String(retryAt)))
      store.alarm.wakeBy(retryAt)
    }
  }

  #dueAt(): number | null {
    const stored = this.#given.store.values.read(key)
    return this.#retryAt ?? (stored === undefined ? null : Number(stored))
  }

  /** Asks one group, unless that is under way. Resolves when it has answered or failed. */
  check(groupId: string): Promise<void> {
    const known = this.#checks.get(groupId)
    if (known) return known.done
    const check: Check = { toldMeanwhile: 0, done: Promise.resolve() }
    this.#checks.set(groupId, check)
    check.done = this.#ask(groupId, check)
      .catch((error) => events.groupCallFailed({ error }))
      .finally(() => this.#checks.delete(groupId))
    this.#given.waitUntil(check.done)
    return check.done
  }

  async #ask(groupId: string, check: Check) {
    const { store, groupOf } = this.#given
    const actor = actorOf(store.context())
    if (!actor) return
    const asked = groupOf(groupId).check(actor)
    const answer = await timeLimit(asked, limits.groupCallMs, 'A group did not answer in time')
    if (store.isGone) return
    if (isOut(answer)) store.write((context) => exit(context, groupId, answer.out))
    else if (answer.ok) {
      const { value } = answer
      store.write((context) => learn(context, groupId, value, check.toldMeanwhile > value.seq))
    }
  }
}
