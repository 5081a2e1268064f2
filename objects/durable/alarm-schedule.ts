import { events } from '../../src/core/events'
import type { Cache } from './unit-of-work'

/** A unit of work that the alarm runs. To add a kind of work, add a job. */
export interface AlarmJob {
  /** The permanent name of the job, for logs and storage. */
  name: string
  /** When the job is due (epoch milliseconds, possibly in the past), or null. Must have no side effects. */
  due: () => number | null
  /** Does the work that is due, or a slice of it. A crash can interrupt it at any point, after which it runs again. */
  run: () => void | Promise<void>
}

/** The longest delay before the alarm fires again after a job fails. */
const retryMs = 5_000

/**
 * The single alarm of an object, shared by all its jobs. It is set for the earliest time at which any of them is due,
 * keeps coming back, and never throws: the platform permanently drops an alarm whose handler throws too often.
 */
export class AlarmSchedule implements Cache {
  readonly #storage: DurableObjectStorage
  readonly #jobs: () => readonly AlarmJob[]
  #alarmAt: number | null = null

  constructor(storage: DurableObjectStorage, jobs: () => readonly AlarmJob[]) {
    this.#storage = storage
    this.#jobs = jobs
  }

  /** Reads the time that the alarm is set for. Call it before the object handles its first call. */
  async load() {
    this.#alarmAt = await this.#storage.getAlarm()
  }

  get isSet(): boolean {
    return this.#alarmAt !== null
  }

  /** Ensures that the alarm fires at or before this time (epoch milliseconds). */
  wakeBy(time: number) {
    if (this.#alarmAt !== null && this.#alarmAt <= time) return
    this.#alarmAt = time
    this.#storage.setAlarm(time)
  }

  /** Sets the alarm for the earliest time at which a job is due, if any. */
  arm() {
    const times = this.#jobs().flatMap(({ due }) => due() ?? [])
    if (times.length > 0) this.wakeBy(Math.min(...times))
  }

  /** Runs the jobs that are due and sets the alarm for the rest. A failing job does not make it reject. */
  async ring() {
    this.#alarmAt = null
    for (const job of this.#jobs()) await this.#runIfDue(job)
    this.arm()
  }

  async #runIfDue({ due, run }: AlarmJob) {
    try {
      const time = due()
      if (time !== null && time <= Date.now()) await run()
    } catch (error) {
      events.alarmFailed({ error })
      this.wakeBy(Date.now() + retryMs)
    }
  }

  forget() {
    this.#alarmAt = null
  }
}
