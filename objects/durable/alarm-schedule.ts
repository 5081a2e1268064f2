import { events } from '../../src/core/events'
import type { Cache } from './unit-of-work'

/** Something that the alarm does. A new kind of work is one more job. */
export interface AlarmJob {
  /** Names the job for good, in logs and in storage. */
  name: string
  /** When there is something to do (epoch milliseconds, also in the past), or null. Looks, and changes nothing. */
  due: () => number | null
  /** Does what is due, or a slice of it. A crash can cut it off anywhere; it is then run again. */
  run: () => void | Promise<void>
}

/** How long a job that failed waits, unless its `due` is later. */
const retryMs = 5_000

/**
 * The one alarm of an object, shared by all its jobs. It is set for the earliest time at which any of them is due, comes
 * back for ever, and never throws: the platform drops an alarm for good whose handler throws too often.
 */
export class AlarmSchedule implements Cache {
  readonly #storage: DurableObjectStorage
  readonly #jobs: () => readonly AlarmJob[]
  #alarmAt: number | null = null

  constructor(storage: DurableObjectStorage, jobs: () => readonly AlarmJob[]) {
    this.#storage = storage
    this.#jobs = jobs
  }

  /** Reads when the alarm is set for; for before the first call of the object. */
  async load() {
    this.#alarmAt = await this.#storage.getAlarm()
  }

  get isSet(): boolean {
    return this.#alarmAt !== null
  }

  /** Makes sure that the alarm rings at this time (epoch milliseconds) or earlier. */
  wakeBy(time: number) {
    if (this.#alarmAt !== null && this.#alarmAt <= time) return
    this.#alarmAt = time
    this.#storage.setAlarm(time)
  }

  /** Sets the alarm for the earliest time at which a job is due, if any is. */
  arm() {
    const times = this.#jobs().flatMap(({ due }) => due() ?? [])
    if (times.length > 0) this.wakeBy(Math.min(...times))
  }

  /** Runs the jobs that are due, and sets the alarm for the rest. Never rejects. */
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
