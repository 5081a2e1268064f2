import { events } from '../../../src/core/events'
import { limits } from '../../../src/core/limits'
import type { AlarmJob } from '../../durable/alarm-schedule'
import { retryTime } from '../../durable/backoff'
import { timeLimit, waitAtMost } from '../../durable/time-limit'
import { changesToTell } from '../changes/changes'
import { headOf } from '../changes/to-member'
import { forgetAccount } from '../members/forget'
import type { Nudge, NudgeAnswer } from '../shapes'
import type { GroupStore } from '../store'
import type { MemberRow } from '../tables/members'

interface Dependencies {
  ctx: DurableObjectState
  store: GroupStore
  nudge: (userId: string, nudge: Nudge) => Promise<NudgeAnswer>
  /** How many calls one invocation of the object makes. */
  callsAtOnce: () => number
}

/** One round of telling members what has changed up to a number. */
interface Pass {
  /** When its last calls were made. */
  calledAt: number
  seq: number
  common: number
  /** Those whom alarms to come will call. */
  rest: string[]
  /** How many slices of calls are not over. */
  slices: number
}

const backoff = { baseMs: limits.groupRetryMs, maxMs: limits.groupRetryMaxMs }

/**
 * Tells the mailboxes of members that something has changed. A mailbox that has nobody to show it to is told once: it then
 * asks before it shows the group again. Mailboxes that do not answer are called again by the alarm, and hold up nobody. Where
 * an invocation may make few calls, the alarm goes on with a pass, and begins the next one.
 */
export class Passes {
  readonly #ctx: DurableObjectState
  readonly #store: GroupStore
  readonly #nudge: Dependencies['nudge']
  readonly #callsAtOnce: Dependencies['callsAtOnce']
  #pass: Pass | null = null
  #startedAt = 0
  /** When the next pass begins, if that is known. */
  #resumesAt: number | null = null
  /** Whether the next pass calls those, too, whom passes that follow a change do not call. */
  #callsOwed = false
  /** The last change that a mailbox has asked for, by member: it overtakes an answer that is on its way. */
  readonly #checked = new Map<string, number>()
  /** Members of whom a socket was open when they were last told. */
  readonly #live = new Set<string>()

  constructor({ ctx, store, nudge, callsAtOnce }: Dependencies) {
    this.#ctx = ctx
    this.#store = store
    this.#nudge = nudge
    this.#callsAtOnce = callsAtOnce
  }

  /** Tells members of what has changed since they were last told. Returns at once. */
  start({ isAlarm = false } = {}) {
    this.#callsOwed ||= isAlarm
    if (!this.#store.exists || this.#isRunning() || this.#isWaiting()) return
    const members = this.#toCall(this.#callsOwed)
    const pauseMs = this.#startedAt + limits.groupPassPauseMs - Date.now()
    if (members.length > limits.groupPassManyCalls && pauseMs > 0) return this.#wait(pauseMs)
    this.#resumesAt = null
    this.#callsOwed = false
    const { seq, common_seq: common } = this.#store.facts.row
    if (members.length === 0) return this.#tellsUpTo(seq, common)
    this.#startedAt = Date.now()
    this.#pass = { calledAt: 0, seq, common, rest: members.map(({ user_id }) => user_id), slices: 0 }
    this.#callNext(this.#pass)
  }

  /** A member's mailbox has asked, and knows everything: the next change is told again. */
  checked(userId: string, seq: number) {
    this.#checked.set(userId, seq)
  }

  /** Members who are probably looking at a screen. */
  liveMembers(): string[] {
    return [...this.#live]
  }

  /** What the alarm does. */
  jobs(): AlarmJob[] {
    return [
      { name: 'nudges', due: () => this.#due(), run: () => this.#runByAlarm() },
      { name: 'owed', due: () => this.#owedAt(), run: () => this.start({ isAlarm: true }) },
    ]
  }

  #due(): number | null {
    if (!this.#store.exists) return null
    if (this.#pass) return this.#pass.rest.length > 0 ? Date.now() : this.#pass.calledAt + limits.groupPassMs + 1
    if (this.#resumesAt !== null) return this.#resumesAt + this.#patienceMs
    const { row } = this.#store.facts
    return row.told < row.seq ? row.changed_at + limits.groupAlarmMs : null
  }

  /** Those who are called by the next pass are not waited for. */
  #owedAt(): number | null {
    if (!this.#store.exists || this.#callsOwed) return null
    const owed = this.#store.members.all().filter((member) => member.owed === 1)
    return owed.length === 0 ? null : Math.min(...owed.map(({ retry_at }) => retry_at))
  }

  /** What is known in memory alone is written at last. */
  #runByAlarm() {
    if (this.#pass && this.#pass.rest.length > 0) return this.#callNext(this.#pass)
    this.start({ isAlarm: true })
    const store = this.#store
    if (this.#isRunning() || store.told.seq <= store.facts.row.told) return
    store.write(({ facts }) => facts.save(store.withTold(facts.row)))
  }

  /** A pass whose end was lost with the invocation that it ran in is given up. */
  #isRunning(): boolean {
    if (this.#pass === null) return false
    return this.#pass.rest.length > 0 || Date.now() - this.#pass.calledAt <= limits.groupPassMs
  }

  /** The same of a pause. */
  #isWaiting(): boolean {
    return this.#resumesAt !== null && Date.now() < this.#resumesAt + this.#patienceMs
  }

  /** How long the alarm waits for what has another way to go on. */
  get #patienceMs(): number {
    return this.#isSliced ? 0 : limits.groupPassMs
  }

  /** Whether one invocation may not call all members. */
  get #isSliced(): boolean {
    return this.#callsAtOnce() < limits.groupMembersMax
  }

  #wait(ms: number) {
    const at = Date.now() + ms
    this.#resumesAt = at
    if (this.#isSliced) return this.#store.alarm.wakeBy(at)
    const pause = new Promise((resolve) => setTimeout(resolve, ms))
    this.#ctx.waitUntil(
      pause.then(() => {
        if (this.#resumesAt !== at) return
        this.#resumesAt = null
        this.start()
      }),
    )
  }

  /** Those who have not been told of something that is for them, and are not known to ask by themselves. */
  #toCall(withOwed: boolean): MemberRow[] {
    const { facts, members } = this.#store
    const row = this.#store.withTold(facts.row)
    const now = Date.now()
    return members.all().filter((member) => {
      if (member.owed === 1) return (withOwed || member.attempts === 0) && member.retry_at <= now
      if (member.present === 0 || isHushed(member, now) || row.told >= row.seq) return false
      return row.common_seq > row.told || member.own_seq > row.told
    })
  }

  #callNext(pass: Pass) {
    const slice = pass.rest.splice(0, this.#callsAtOnce())
    pass.calledAt = Date.now()
    pass.slices++
    const calls = Promise.all(slice.map((userId) => this.#call(userId)))
    this.#ctx.waitUntil(calls.then(() => this.#end(pass)))
    if (pass.rest.length > 0) this.#store.alarm.wakeBy(Date.now())
  }

  #tellsUpTo(seq: number, common: number) {
    const { told } = this.#store
    this.#store.told = { seq: Math.max(told.seq, seq), common: Math.max(told.common, common) }
  }

  /** A slice of a pass is over: with the last one, the pass. */
  #end(pass: Pass) {
    pass.slices--
    if (this.#pass !== pass || pass.slices > 0 || pass.rest.length > 0) return
    this.#pass = null
    if (!this.#store.exists) return
    // Whoever has ended may have nobody left to tell.
    if (this.#store.isEnding) this.#store.alarm.arm()
    this.#tellsUpTo(pass.seq, pass.common)
    if (this.#store.told.seq >= this.#store.facts.row.seq && !this.#callsOwed) return
    if (this.#isSliced) this.#wait(0)
    else this.start()
  }

  /** As things are when the call is made. */
  #nudgeFor(member: MemberRow): Nudge {
    const { groupId } = this.#store
    if (member.present === 0) return { kind: 'out', groupId, since: member.since }
    const context = this.#store.context()
    const row = this.#store.withTold(context.facts.row)
    const from = Math.max(row.told_common, member.since)
    const changes = changesToTell(context, member, from)
    const { since, profile_revision: profileRevision } = member
    return { kind: 'in', groupId, since, seq: row.seq, from, head: headOf(context, member), profileRevision, changes }
  }

  /** Resolves once the mailbox has answered or is taking long. Never rejects. */
  async #call(userId: string) {
    const member = this.#find(userId)
    if (!member) return
    let isSettled = false
    const called = this.#tell(member)
      .catch((error) => {
        events.nudgeFailed({ error })
        this.#owe(userId, member.since)
      })
      .finally(() => {
        isSettled = true
      })
    this.#ctx.waitUntil(called)
    await waitAtMost(limits.groupCallSlowMs, called)
    if (!isSettled) this.#owe(userId, member.since)
  }

  async #tell(member: MemberRow) {
    const { user_id: userId, since } = member
    const nudge = this.#nudgeFor(member)
    const seq = nudge.kind === 'in' ? nudge.seq : this.#store.facts.row.seq
    const told = this.#nudge(userId, nudge)
    const answer = await timeLimit(told, limits.groupCallMs, 'A mailbox did not answer in time')
    this.#answered(userId, { since, seq }, answer)
  }

  #answered(userId: string, told: { since: number; seq: number }, answer: NudgeAnswer) {
    if ('live' in answer && answer.live) this.#live.add(userId)
    else this.#live.delete(userId)
    const member = this.#find(userId)
    if (!member || member.since !== told.since) return
    if ('gone' in answer) return this.#gone(member)
    const changed = this.#hush(this.#settle(member, told.seq), told.seq, answer.again)
    if (changed !== member) this.#save(changed)
  }

  /** An answer settles what was owed, unless others have been told more since. */
  #settle(member: MemberRow, seq: number): MemberRow {
    if (member.owed === 0) return member
    const toldOthers = Math.max(this.#store.told.seq, this.#pass?.seq ?? 0)
    if (seq >= toldOthers || member.present === 0) return { ...member, owed: 0, attempts: 0, retry_at: 0 }
    return { ...member, attempts: 0, retry_at: Date.now() }
  }

  #hush(member: MemberRow, seq: number, again: boolean): MemberRow {
    const now = Date.now()
    const isOvertaken = (this.#checked.get(member.user_id) ?? -1) >= seq
    if (member.present === 0 || again || isOvertaken || isHushed(member, now)) return member
    return { ...member, hushed_at: now }
  }

  #owe(userId: string, since: number) {
    const member = this.#find(userId)
    const now = Date.now()
    if (!member || member.since !== since || (member.present === 1 && isHushed(member, now))) return
    const attempts = member.attempts + 1
    this.#save({ ...member, owed: 1, attempts, retry_at: retryTime(attempts, backoff, now) })
  }

  /** The account is gone: so is the member. */
  #gone(member: MemberRow) {
    this.#store.write((context) => forgetAccount(context, member.user_id))
  }

  /** A member, present or former, unless the group has been erased meanwhile. */
  #find(userId: string): MemberRow | undefined {
    return this.#store.exists ? this.#store.members.find(userId) : undefined
  }

  #save(member: MemberRow) {
    this.#store.write(({ members }) => members.save(member))
    if (member.owed === 1) this.#store.alarm.wakeBy(member.retry_at)
  }
}

const isHushed = ({ hushed_at }: MemberRow, now: number) => hushed_at > 0 && now - hushed_at < limits.groupBelievedMs
