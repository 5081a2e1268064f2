import { events } from '../../src/core/events'
import { limits } from '../../src/core/limits'
import { probeTime, retryTime } from './backoff'
import { timeLimit, waitAtMost } from './time-limit'
import type { Cache } from './unit-of-work'

/** A unit of work that the alarm runs. To add a kind of work, add a job. */
export interface AlarmJob {
  /** The permanent name of the job, for logs and storage. */
  name: string
  /** When the job is due (epoch milliseconds, possibly in the past), or null. Must have no side effects. */
  due: () => number | null
  /** Does the work that is due, or a slice of it. A crash can interrupt it at any point, after which it runs again. */
  run: () => void | Promise<void>
  /**
   * Rejects while what the job depends on is unreachable. Asked before the job runs again after a failure, so that a job
   * is tried seldom during an outage and yet soon after it.
   */
  probe?: () => Promise<unknown>
}

type FailureRow = { name: string; failures: number; retry_at: number }

const backoff = { baseMs: limits.alarmRetryMs, maxMs: limits.alarmRetryMaxMs }

/**
 * The single alarm of an object, shared by all its jobs. It is set for the earliest time at which any of them is due,
 * keeps coming back, and never throws: the platform permanently drops an alarm whose handler throws too often. Jobs do
 * not wait for each other. A job that fails is retried with a backoff that is kept in storage.
 */
export class AlarmSchedule implements Cache {
  readonly #ctx: DurableObjectState
  readonly #jobs: () => readonly AlarmJob[]
  readonly #running = new Map<string, number>()
  #alarmAt: number | null = null
  #alarmAtBlockStart: number | null = null
  #failures: Map<string, FailureRow> | undefined
  #isClosed = false

  constructor(ctx: DurableObjectState, jobs: () => readonly AlarmJob[]) {
    this.#ctx = ctx
    this.#jobs = jobs
  }

  /** Reads the time that the alarm is set for. Call it before the object handles its first call. */
  async load() {
    this.#alarmAt = await this.#ctx.storage.getAlarm()
  }

  /** Ensures that the alarm fires at or before this time (epoch milliseconds). */
  wakeBy(time: number) {
    if (this.#alarmAt !== null && this.#alarmAt <= time) return
    this.#alarmAt = time
    this.#ctx.storage.setAlarm(time)
  }

  /** Sets the alarm for the earliest time at which a job is due, if any. A job that cannot say is asked again later. */
  arm() {
    if (this.#isClosed) return
    try {
      const times = this.#jobs().flatMap((job) => this.#due(job) ?? [])
      if (times.length > 0) this.wakeBy(Math.min(...times))
    } catch (error) {
      events.alarmFailed({ error })
      this.wakeBy(Date.now() + limits.alarmRetryMs)
    }
  }

  /**
   * Runs the jobs that are due and sets the alarm for the rest. No other alarm of the object fires while this one runs, so
   * it does not wait long for a job that hangs: the job continues in the background. Never rejects.
   */
  async ring() {
    this.#alarmAt = null
    let isOver = false
    const runs = Promise.all(this.dueJobs().map((job) => this.#run(job))).then(() => {
      if (isOver) this.arm()
    })
    this.#ctx.waitUntil(runs)
    await waitAtMost(limits.alarmWaitMs, runs)
    isOver = true
    this.arm()
  }

  /** The jobs that are due and not running. A job that cannot say when it is due counts as failed. */
  dueJobs(): AlarmJob[] {
    return this.#jobs().filter((job) => {
      try {
        return !this.#running.has(job.name) && (this.#due(job) ?? Infinity) <= Date.now()
      } catch (error) {
        events.alarmFailed({ error, job: job.name })
        return false
      }
    })
  }

  /** Ends all work of the alarm; for an object whose storage was deleted. */
  close() {
    this.#isClosed = true
  }

  begin() {
    this.#alarmAtBlockStart = this.#alarmAt
  }

  // The platform rolls the alarm back together with the block.
  forget() {
    this.#alarmAt = this.#alarmAtBlockStart
    this.#failures = undefined
  }

  /** A job that is running is looked at again when its time is up, as if it had been cut off. */
  #due({ name, due }: AlarmJob): number | null {
    const time = due()
    if (time === null) return null
    return Math.max(time, this.#running.get(name) ?? 0, this.#failed().get(name)?.retry_at ?? 0)
  }

  async #run({ name, run, probe }: AlarmJob) {
    this.#running.set(name, Date.now() + limits.alarmJobMs)
    let nextTry = retryTime
    const work = async () => {
      if (probe && this.#failed().has(name)) {
        nextTry = probeTime
        await probe()
        nextTry = retryTime
      }
      await run()
    }
    try {
      await timeLimit(Promise.resolve().then(work), limits.alarmJobMs, `The job "${name}" did not end in time`)
      this.#running.delete(name)
      if (!this.#isClosed && this.#failed().has(name)) this.#succeed(name)
    } catch (error) {
      events.alarmFailed({ error, job: name })
      this.#running.delete(name)
      if (!this.#isClosed) this.#fail(name, nextTry)
    }
  }

  #fail(name: string, nextTry: typeof retryTime) {
    const failures = (this.#failed().get(name)?.failures ?? 0) + 1
    const row = { name, failures, retry_at: nextTry(failures, backoff, Date.now()) }
    this.#failed().set(name, row)
    this.#ctx.storage.sql.exec(
      `INSERT INTO alarm_jobs (name, failures, retry_at) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, retry_at = excluded.retry_at`,
      name,
      failures,
      row.retry_at,
    )
  }

  #succeed(name: string) {
    this.#failed().delete(name)
    this.#ctx.storage.sql.exec('DELETE FROM alarm_jobs WHERE name = ?', name)
  }

  #failed(): Map<string, FailureRow> {
    this.#failures ??= new Map(
      this.#ctx.storage.sql
        .exec<FailureRow>('SELECT * FROM alarm_jobs')
        .toArray()
        .map((row) => [row.name, row]),
    )
    return this.#failures
  }
}
