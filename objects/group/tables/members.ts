import type { GroupMember, GroupProfile, GroupRole } from '../../../src/core/group'
import { RowCache } from '../../durable/row-cache'

/** Somebody who is, or was, in the group. Rows are never deleted: names of former members stay. */
export type MemberRow = {
  user_id: string
  /** 1 while a member, 0 afterwards. */
  present: number
  /** The number of the change that made them a member, or ended that: names this membership, or its end. */
  since: number
  /** 1 for a former member who was not removed, but has left. */
  left_themselves: number
  role: GroupRole
  joined_at: number
  /** JSON of `GroupProfile`. */
  profile: string
  profile_revision: number
  /** The number of the last change that others see: joining, leaving, role, profile. */
  seq: number
  /** The same for the read mark, as far as others see it. */
  mark_seq: number
  /** The number of the last change that only this member sees. */
  own_seq: number
  /** Messages up to this id are not for this member; '' if all are. */
  visible_after: string
  /** What the member has cleared, up to this id. */
  cleared_id: string
  /** The greatest message id when they joined: messages up to it were not sent to them. */
  joined_after: string
  read_id: string
  /** When the member last sent a message, in slow mode. */
  sent_at: number
  /** Since when the member's mailbox is not called (epoch milliseconds), because it knows that something has changed; 0: it is. */
  hushed_at: number
  /** 1 if a call of the member's mailbox has failed and is due again, at `retry_at`. */
  owed: number
  attempts: number
  retry_at: number
}

const columns = [
  'user_id',
  'present',
  'since',
  'left_themselves',
  'role',
  'joined_at',
  'profile',
  'profile_revision',
  'seq',
  'mark_seq',
  'own_seq',
  'visible_after',
  'cleared_id',
  'joined_after',
  'read_id',
  'sent_at',
  'hushed_at',
  'owed',
  'attempts',
  'retry_at',
] as const satisfies (keyof MemberRow)[]

/** The members of a group, all in memory. */
export class Members extends RowCache<MemberRow> {
  #present: MemberRow[] | undefined

  constructor(sql: SqlStorage) {
    super(sql, { table: 'members', key: 'user_id', columns, isLarge: false })
  }

  /** Those who are members now. */
  present(): readonly MemberRow[] {
    this.#present ??= this.all().filter(({ present }) => present === 1)
    return this.#present
  }

  /** The row of a present member. */
  member(userId: string): MemberRow | undefined {
    const row = this.find(userId)
    return row?.present === 1 ? row : undefined
  }

  override save(row: MemberRow): MemberRow {
    this.#present = undefined
    return super.save(row)
  }

  override forget() {
    this.#present = undefined
    super.forget()
  }
}

/** What the member sees begins after this id. */
export const floorOf = ({ visible_after, cleared_id }: MemberRow): string =>
  cleared_id > visible_after ? cleared_id : visible_after

/** The part of a member's profile that names them. */
export const profileOf = ({ profile }: MemberRow): GroupProfile => JSON.parse(profile)

/** As other members see them; `readId` only where they may, and of present members. */
export const toMember = (row: MemberRow, showsMarks: boolean): GroupMember => ({
  profile: profileOf(row),
  role: row.role,
  joinedAt: row.joined_at,
  left: row.present === 0,
  readId: showsMarks && row.present === 1 ? row.read_id || null : null,
})
