import type { Profile } from '../../../src/core/profile'
import { RowCache } from '../../durable/row-cache'
import type { RowOrder } from '../../durable/row-order'
import type { Sequence } from '../../durable/sequence'

/**
 * One row per chat, loaded once when the mailbox wakes and kept in memory: the table needs no index, and sorting chats
 * and looking for undelivered work cost no reads. Rows are never deleted.
 */
export type ChatRow = {
  peer_id: string
  /** The number of the last visible change, in the sequence of this mailbox. */
  seq: number
  updated_at: number
  /** The peer's profile as JSON, delivered by the peer's mailbox; null in notes to self and when the peer is gone. */
  peer: string | null
  peer_profile_revision: number
  /** 1 if the peer's mailbox no longer exists: nothing is due to it, and nothing can be sent to it. */
  peer_gone: number
  /** The latest visible message; '' if there is none. */
  last_message_id: string
  unread_count: number
  /** 1 if the owner wants to be reminded of the chat. */
  marked_unread: number
  pinned: number
  archived: number
  /** 0 if the chat is a request: the peer began it, and the owner has not accepted it yet. */
  accepted: number
  /** Epoch milliseconds; 0 if the chat is not muted. */
  muted_until: number
  /** What the owner cleared: own messages and the peer's, each up to an id, because a late one can have a lower id. */
  cleared_own_id: string
  cleared_peer_id: string
  /** No visible message has a lower id: pages end here instead of reading what was cleared. */
  visible_from: string
  /** The owner's read mark: the id of one of the peer's messages. */
  read_id: string
  /** The read mark as the peer may know it: set only by what was read while they might. */
  shared_read_id: string
  /** The greatest id held, from either side. */
  greatest_id: string
  /** The greatest own id. */
  own_id: string
  /** The first own id that the peer might not hold; '' if none is pending. */
  pending_id: string
  /** How many own messages are pending. */
  pending_count: number
  /** Own ids up to this one are in the peer's mailbox, except those that were refused. */
  delivered_id: string
  /** The greatest own id that the peer's mailbox refused, under a block. */
  refused_id: string
  /** 0 if the peer is not known to have accepted the chat. */
  peer_accepted: number
  /** What was sent to a peer who had not accepted yet: messages, and bytes including those of edits. */
  requested_count: number
  requested_bytes: number
  /** Counts changes to the owner's part of existing messages. The peer has them up to `fed_revision`. */
  revision: number
  fed_revision: number
  /** Counts changes to the owner's read mark. The peer has them up to `fed_state_revision`. */
  state_revision: number
  fed_state_revision: number
  fed_profile_revision: number
  attempts: number
  /** When delivery to the peer is retried (epoch milliseconds); 0 if nothing failed. */
  retry_at: number
  /** The greatest of the peer's own ids applied here, and the peer's revisions applied here. */
  peer_own_id: string
  peer_revision: number
  peer_state_revision: number
  /** The peer's read mark: the id of one of the owner's messages. */
  peer_read_id: string
  /** What was left of the send rate, over all chats, when the owner last used it in this one, and when that was. */
  sends_left: number
  sends_at: number
}

const fresh = {
  seq: 0,
  updated_at: 0,
  peer: null,
  peer_profile_revision: 0,
  peer_gone: 0,
  last_message_id: '',
  unread_count: 0,
  marked_unread: 0,
  pinned: 0,
  archived: 0,
  accepted: 1,
  muted_until: 0,
  cleared_own_id: '',
  cleared_peer_id: '',
  visible_from: '',
  read_id: '',
  shared_read_id: '',
  greatest_id: '',
  own_id: '',
  pending_id: '',
  pending_count: 0,
  delivered_id: '',
  refused_id: '',
  peer_accepted: 1,
  requested_count: 0,
  requested_bytes: 0,
  revision: 0,
  fed_revision: 0,
  state_revision: 0,
  fed_state_revision: 0,
  fed_profile_revision: 0,
  attempts: 0,
  retry_at: 0,
  peer_own_id: '',
  peer_revision: 0,
  peer_state_revision: 0,
  peer_read_id: '',
  sends_left: 0,
  sends_at: 0,
} satisfies Omit<ChatRow, 'peer_id'>

const columns = ['peer_id', ...Object.keys(fresh)] as (keyof ChatRow)[]

/** The row of a chat that has not been saved yet. */
export const newChat = (peerId: string, peer: Profile | null): ChatRow => ({
  ...fresh,
  peer_id: peerId,
  peer: peer && JSON.stringify(peer),
})

/** A chat's place in the list: pinned chats first, then by the latest visible message, newest first. */
export const placeOf = ({ pinned, last_message_id }: ChatRow) => `${pinned}/${last_message_id}`

/** A row that waits to be written, and whether its owner can see what is new in it. */
interface Unwritten {
  row: ChatRow
  isVisible: boolean
}

/**
 * The chats of a mailbox. What only saves a repetition, how far the feeds to a peer have come, is not worth a write of its
 * own: it is kept in memory and written with the next block that saves the chat, or by the alarm. A block sees it as
 * written; a call that only reads sees what is stored, because what a client is shown must survive a crash.
 */
export class ChatRows extends RowCache<ChatRow> {
  readonly #sql: SqlStorage
  readonly #sequence: Sequence
  readonly #unwritten = new Map<string, Unwritten>()

  /** The revision of the profile for which pending chats were read. Others become pending only after they were read. */
  #pendingReadFor: number | null = null
  readonly #bySeq: RowOrder<ChatRow>
  readonly #byPlace: RowOrder<ChatRow>

  constructor(sql: SqlStorage, sequence: Sequence) {
    super(sql, { table: 'chats', key: 'peer_id', columns, isLarge: true })
    this.#sql = sql
    this.#sequence = sequence
    this.#bySeq = this.order((a, b) => a.seq - b.seq || (a.peer_id < b.peer_id ? -1 : 1))
    this.#byPlace = this.order((a, b) => {
      const [one, other] = [placeOf(a), placeOf(b)]
      if (one !== other) return one > other ? -1 : 1
      return a.peer_id < b.peer_id ? -1 : 1
    })
  }

  /** Chats whose last visible change has a number above `after`, in the order of their changes. */
  changedAfter(after: number): Generator<ChatRow> {
    return this.#bySeq.from(({ seq }) => seq <= after)
  }

  /** Chats that have a visible message, in the order of the list, after a place (null for the beginning). */
  *listedAfter(after: string | null): Generator<ChatRow> {
    for (const chat of this.#byPlace.from((row) => after !== null && placeOf(row) >= after)) {
      if (chat.last_message_id !== '') yield chat
    }
  }

  /** The peers whose chats the present block has begun, or whose profiles it has changed. */
  peersChangedInBlock(): string[] {
    return this.changedInBlock(['peer', 'peer_gone']).map(String)
  }

  /** Keeps a row with which nothing but feeds has moved, to be written later. A crash before that repeats a delivery. */
  keepUnwritten(row: ChatRow) {
    const isVisible = row.delivered_id !== this.find(row.peer_id)?.delivered_id
    this.#unwritten.set(row.peer_id, { row, isVisible })
  }

  /** Whether a row waits to be written. */
  get hasUnwritten(): boolean {
    return this.#unwritten.size > 0
  }

  /** Writes the rows that wait for it. */
  saveUnwritten() {
    for (const { row } of this.#unwritten.values()) this.save(row)
  }

  /** A row as the feeds are now, written or not. */
  latest(peerId: string): ChatRow | undefined {
    return this.#unwritten.get(peerId)?.row ?? this.find(peerId)
  }

  /**
   * Chats as the feeds are now, written or not: all whose peer has something to learn, if the owner's profile has this
   * revision, and maybe others.
   */
  withPending(profileRevision: number): ChatRow[] {
    if (this.#pendingReadFor !== profileRevision)
      this.read(() =>
        this.#sql.exec<ChatRow>(
          `SELECT * FROM chats WHERE pending_id <> '' OR fed_revision < revision
             OR fed_state_revision < state_revision OR fed_profile_revision < ?`,
          profileRevision,
        ),
      )
    this.#pendingReadFor = profileRevision
    return this.known().map((chat) => this.latest(chat.peer_id) ?? chat)
  }

  /** Every row as the feeds are now, written or not. */
  allLatest(): ChatRow[] {
    return this.all().map((chat) => this.latest(chat.peer_id) ?? chat)
  }

  /** What was left of the send rate when the owner last used it, and when that was (epoch milliseconds). */
  lastSend(): { left: number; at: number } {
    if (this.isWhole)
      return this.known()
        .map(({ sends_left, sends_at }) => ({ left: sends_left, at: sends_at }))
        .reduce((a, b) => (b.at > a.at || (b.at === a.at && b.left < a.left) ? b : a), { left: 0, at: 0 })
    const [last] = this.#sql
      .exec<{ left: number; at: number }>(
        'SELECT sends_left AS "left", sends_at AS at FROM chats ORDER BY sends_at DESC, sends_left LIMIT 1',
      )
      .toArray()
    return last ?? { left: 0, at: 0 }
  }

  override begin() {
    super.begin()
    for (const { row } of this.#unwritten.values()) this.stage(row)
  }

  /** A delivery that is written along with something else becomes a change that the owner can see. */
  override flush() {
    for (const row of this.savedInBlock()) {
      const unwritten = this.#unwritten.get(row.peer_id)
      if (unwritten?.isVisible && row.seq === unwritten.row.seq) this.saveVisible(row, Date.now())
      this.#unwritten.delete(row.peer_id)
    }
    super.flush()
  }

  override forget() {
    super.forget()
    this.#unwritten.clear()
    this.#pendingReadFor = null
  }

  /** Saves a change that the owner can see, stamped with the next number. */
  saveVisible(row: ChatRow, now: number): ChatRow {
    return this.save({ ...row, seq: this.#sequence.take(), updated_at: now })
  }
}
