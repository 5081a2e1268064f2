import type { GroupHead } from '../../../src/core/group'
import { RowCache } from '../../durable/row-cache'
import type { RowOrder } from '../../durable/row-order'
import type { Sequence } from '../../durable/sequence'

/** A group that the owner is, or was, in, as the mailbox last knew it. The group itself is stored elsewhere, once. */
export type GroupRow = {
  group_id: string
  /** For groups that the owner has created: the client's id, and the hash of what was asked. */
  client_group_id: string | null
  request_hash: string | null
  /**
   * `creating` until the group has answered; `requested` if the owner has asked to join; `forgotten` once it has forgotten an
   * account that is being deleted.
   */
  state: 'creating' | 'requested' | 'in' | 'left' | 'forgotten'
  /** The number, in the group, of the membership or of its end. */
  since: number
  /** The number of the change, in the group, up to which `head` is true, and when that was asked (epoch milliseconds). */
  checked: number
  checked_at: number
  /** 1 if the group has changed since. */
  dirty: number
  /** JSON of `GroupHead`; null before it was first known, and after leaving. */
  head: string | null
  last_message_id: string
  /** The number of the last visible change, in the sequence of this mailbox. */
  seq: number
  updated_at: number
  pinned: number
  archived: number
  marked_unread: number
  muted_until: number
  /** 1 if messages that mention the owner count as not muted. */
  notify_mentions: number
  /** Which profile of the owner the group knows. */
  profile_revision: number
  /** What was left of the send rate, over all chats, and when that was. */
  sends_left: number
  sends_at: number
}

const fresh = {
  client_group_id: null,
  request_hash: null,
  state: 'in',
  since: 0,
  checked: 0,
  checked_at: 0,
  dirty: 1,
  head: null,
  last_message_id: '',
  seq: 0,
  updated_at: 0,
  pinned: 0,
  archived: 0,
  marked_unread: 0,
  muted_until: 0,
  notify_mentions: 0,
  profile_revision: 0,
  sends_left: 0,
  sends_at: 0,
} satisfies Omit<GroupRow, 'group_id'>

const columns = ['group_id', ...Object.keys(fresh)] as (keyof GroupRow)[]

/** The row of a group that the mailbox has just heard of. */
export const newGroupRow = (groupId: string): GroupRow => ({ ...fresh, group_id: groupId })

/** The group as it last looked to the owner; null before it was first known. */
export const headOf = ({ head }: GroupRow): GroupHead | null => (head === null ? null : JSON.parse(head))

/** A group's place in the list of chats. */
export const placeOf = ({ pinned, last_message_id }: GroupRow) => `${pinned}/${last_message_id}`

/** The groups of a mailbox, all in memory. */
export class GroupRows extends RowCache<GroupRow> {
  readonly #sequence: Sequence
  readonly #byPlace: RowOrder<GroupRow>

  constructor(sql: SqlStorage, sequence: Sequence) {
    super(sql, { table: 'groups', key: 'group_id', columns, isLarge: false })
    this.#sequence = sequence
    this.#byPlace = this.order((a, b) => {
      const [one, other] = [placeOf(a), placeOf(b)]
      if (one !== other) return one > other ? -1 : 1
      return a.group_id < b.group_id ? -1 : 1
    })
  }

  /** Groups that the owner is in. */
  joined(): GroupRow[] {
    return this.all().filter(({ state }) => state === 'in')
  }

  /** Has every group asked how it looks now, before it is shown again: after a restore, what is known is of before. */
  doubtAll() {
    for (const row of this.joined()) if (row.dirty === 0) this.save({ ...row, dirty: 1 })
  }

  /** Groups that may know the owner: those of now, of before, and those whose creation has not been answered. */
  acquainted(): GroupRow[] {
    return this.all().filter(({ state }) => state !== 'forgotten')
  }

  /** A group that the owner is in. */
  member(groupId: string): GroupRow | undefined {
    const row = this.find(groupId)
    return row?.state === 'in' ? row : undefined
  }

  byClientId(clientGroupId: string): GroupRow | undefined {
    return this.all().find(({ client_group_id }) => client_group_id === clientGroupId)
  }

  /** Groups to show, in the order of the list of chats, after a place (null for the beginning). */
  *listedAfter(after: string | null): Generator<GroupRow> {
    for (const row of this.#byPlace.from((one) => after !== null && placeOf(one) >= after))
      if (row.state === 'in' && row.last_message_id !== '') yield row
  }

  /** Groups of which the owner's clients must hear, after a number, in the order of their changes. */
  changedAfter(after: number): GroupRow[] {
    return this.all()
      .filter(({ seq, state }) => seq > after && state !== 'creating')
      .sort((a, b) => a.seq - b.seq)
  }

  /** Saves a change that the owner can see, stamped with the next number. */
  saveVisible(row: GroupRow, now: number): GroupRow {
    return this.save({ ...row, seq: this.#sequence.take(), updated_at: now })
  }
}
