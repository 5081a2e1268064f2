import type { Audience, OwnProfile, PrivateProfile } from '../../../src/core/profile'
import type { DurableContext } from '../../durable/context'
import type { KeyValues } from './key-values'

const key = 'profile'
const dueKey = 'profile_due'

/** The setting that says for whom something is. */
export type AudienceSetting = Extract<keyof PrivateProfile, `${string}Audience`>

type SettingsBefore = { presenceHidden?: boolean; messageAudience?: Audience }

/** What holds for a record that was stored before a setting existed. */
const settingsBefore = ({ presenceHidden, messageAudience = 'everyone' }: SettingsBefore) => ({
  discoverable: true,
  presenceAudience: presenceHidden ? 'nobody' : 'everyone',
  readMarkAudience: 'everyone',
  messageAudience: 'everyone',
  // Who can write decided about groups as well.
  groupAddsAudience: messageAudience,
})

/** The owner's record as stored in the mailbox, with the number of the change that brought it. */
export type StoredProfile = OwnProfile & { seq: number }

function parse(text: string): StoredProfile {
  const profile = JSON.parse(text)
  return { ...profile, own: { ...settingsBefore(profile.own), ...profile.own } }
}

/** The owner's record, of which D1 has the original. It is parsed once and asked for by almost every call. */
export class ProfileRecord {
  readonly #values: KeyValues
  #parsed: { text: string; profile: StoredProfile } | undefined

  constructor(values: KeyValues) {
    this.#values = values
  }

  /** The record, or undefined before it was first stored. */
  find(): StoredProfile | undefined {
    const text = this.#values.read(key)
    if (text === undefined) return undefined
    if (this.#parsed?.text !== text) this.#parsed = { text, profile: parse(text) }
    return this.#parsed?.profile
  }

  /** The number of the change that brought the record, or 0. */
  get seq(): number {
    return this.find()?.seq ?? 0
  }

  /** For whom something is. */
  audience(of: AudienceSetting): Audience {
    return this.find()?.own[of] ?? 'everyone'
  }

  /** Stores the record if it is newer, and stops expecting one. Returns whether peers must be told. */
  save({ sequence }: Pick<DurableContext, 'sequence'>, profile: OwnProfile): boolean {
    this.expectNone()
    const known = this.find()
    if (known && known.revision >= profile.revision) return false
    this.#values.write(key, JSON.stringify({ ...profile, seq: sequence.take() }))
    return true
  }

  /**
   * Remembers that the record in D1 is about to change, in case nobody reports the result by `due` (epoch milliseconds).
   */
  expect(due: number) {
    this.#values.write(dueKey, String(due))
  }

  expectNone() {
    this.#values.remove(dueKey)
  }

  /** When to fetch the record from D1, or null. */
  get due(): number | null {
    const due = this.#values.read(dueKey)
    return due === undefined ? null : Number(due)
  }
}
