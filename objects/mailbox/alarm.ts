import * as fileObjects from '../../repositories/files'
import * as users from '../../repositories/users'
import { limits } from '../../src/core/limits'
import { errorFields, log } from '../../src/core/log'
import type { OwnProfile } from '../../src/core/profile'
import { keysOfNumber } from '../../src/settings/send-keys'
import * as erasure from './account/erasure'
import * as search from './chats/search'
import type { Deliveries } from './delivery/drains'
import * as files from './files'
import type { MailboxState } from './store'
import * as meta from './tables/key-values'

/**
 * What the alarm does: one alarm for all that is due, be it a delivery, a profile, a file or the end of the account.
 * Each duty may be cut off and repeated.
 */
export class Duties {
  readonly #state: MailboxState
  readonly #deliveries: Deliveries
  readonly #env: Env
  readonly #setProfile: (own: OwnProfile) => void

  constructor(state: MailboxState, deliveries: Deliveries, env: Env, setProfile: (own: OwnProfile) => void) {
    this.#state = state
    this.#deliveries = deliveries
    this.#env = env
    this.#setProfile = setProfile
  }

  /** Does what is due, and sets the alarm for the rest. Never rejects. */
  async run() {
    this.#state.alarmRings()
    try {
      if (this.#state.erasure) await this.#erase(this.#state.erasure)
      else if (this.#state.isLive) await this.#doWhatIsDue()
    } catch (error) {
      // An alarm that throws is retried a few times and then dropped for good; this one comes back for ever.
      log('error', 'alarm_failed', errorFields(error))
      this.#state.wakeBy(Date.now() + limits.deliveryAlarmMs)
    }
    this.wakeForRest()
  }

  /** Sets the alarm for the earliest time at which something is due, if anything is. */
  wakeForRest() {
    if (!this.#state.isLive) return
    const { sql } = this.#state
    const times = this.#deliveries.pending().map((chat) => Math.max(chat.retry_at, Date.now()))
    for (const time of [meta.profileDue(sql), files.due(sql)]) if (time !== null) times.push(time)
    if (search.isClearing(sql)) times.push(Date.now())
    if (times.length > 0) this.#state.wakeBy(Math.min(...times))
  }

  async #doWhatIsDue() {
    await this.#syncProfile()
    await this.#deliveries.startDue()
    await this.#removeFiles()
    this.#state.write(search.continueClearing)
  }

  /** Fetches the profile when a change was announced and nobody came back to say how it went. */
  async #syncProfile() {
    const { sql, userId } = this.#state
    const due = meta.profileDue(sql)
    if (due === null || due > Date.now()) return
    const own = await users.find(this.#env.DB, userId)
    if (own) this.#setProfile(own)
    else meta.expectNoProfile(sql)
  }

  /** Deletes the bytes of files that were removed, or never finished, and then forgets them. */
  async #removeFiles() {
    const { sql } = this.#state
    const fileIds = files.expired(sql, Date.now())
    if (fileIds.length === 0) return
    await fileObjects.remove(this.#env.FILES, fileIds)
    files.forget(sql, fileIds)
  }

  /** The next steps of an erasure. The last is taken when none of the others is left. */
  async #erase(begun: erasure.Erasure) {
    if (!begun.recordRemoved) await this.#removeRecord(begun)
    await this.#deliveries.startDue()
    this.#state.write((box) => erasure.giveUpPeers(box, begun))
    await this.#removeFiles()
    if (this.#deliveries.pending().length > 0 || files.due(this.#state.sql) !== null) return
    await this.#state.bury()
  }

  async #removeRecord(begun: erasure.Erasure) {
    const { sql, userId, config } = this.#state
    const { phoneNumber } = meta.ownProfile(sql)?.own ?? { phoneNumber: '' }
    const numberKeys = keysOfNumber(config(), phoneNumber)
    await users.erase(this.#env.DB, { userId, phoneNumber, numberKeys, until: begun.lastUsedAt })
    this.#state.recordRemoved(begun)
  }
}
