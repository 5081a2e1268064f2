import type { Profile } from '../../../src/core/profile'
import { RowCache } from '../../durable/row-cache'
import type { Sequence } from '../../durable/sequence'
import type { Delivery, FeedPosition } from '../delivery/shapes'
import type { ChatRow } from './chats'

/**
 * Users whom the owner has blocked, or who wrote while they were not among those who may. A row outlives its block: it
 * records how far the peer's feeds were refused, so that what was sent then is never accepted later, however late or often
 * it arrives.
 */
export type BlockRow = {
  user_id: string
  seq: number
  blocked: number
  created_at: number
  refused_id: string
  refused_revision: number
  refused_state_revision: number
  refused_profile_revision: number
  /** The profile at that revision, as JSON. It shows once the block is lifted. */
  peer: string | null
  /** When the user last saw the owner online, as if the owner had left then (epoch milliseconds); 0 if they could not. */
  seen_at: number
  /** The profile when the block began, as JSON, and whether the user has deleted their account since. */
  profile: string | null
  gone: number
}

/** How far feeds are refused, and the profile that came with them. */
interface Refused extends FeedPosition {
  profile: Delivery['profile']
}

const columns = [
  'user_id',
  'seq',
  'blocked',
  'created_at',
  'refused_id',
  'refused_revision',
  'refused_state_revision',
  'refused_profile_revision',
  'peer',
  'seen_at',
  'profile',
  'gone',
] as const satisfies (keyof BlockRow)[]

const fresh = (userId: string): BlockRow => ({
  user_id: userId,
  seq: 0,
  blocked: 0,
  created_at: 0,
  refused_id: '',
  refused_revision: 0,
  refused_state_revision: 0,
  refused_profile_revision: 0,
  peer: null,
  seen_at: 0,
  profile: null,
  gone: 0,
})

const refusing = (row: BlockRow, { profile, ...position }: Refused): BlockRow => ({
  ...row,
  refused_id: position.id > row.refused_id ? position.id : row.refused_id,
  refused_revision: Math.max(row.refused_revision, position.revision),
  refused_state_revision: Math.max(row.refused_state_revision, position.stateRevision),
  ...(profile &&
    profile.revision > row.refused_profile_revision && {
      refused_profile_revision: profile.revision,
      peer: JSON.stringify(profile.profile),
    }),
})

/**
 * The chat with its watermarks moved past what was refused under a block, and with the profile that came in the
 * meantime.
 */
export const pastBlock = (chat: ChatRow, row: BlockRow): ChatRow => ({
  ...chat,
  peer_own_id: row.refused_id > chat.peer_own_id ? row.refused_id : chat.peer_own_id,
  peer_revision: Math.max(chat.peer_revision, row.refused_revision),
  peer_state_revision: Math.max(chat.peer_state_revision, row.refused_state_revision),
  // A mailbox feeds its state only to peers whom its owner has accepted.
  peer_accepted: row.refused_state_revision > chat.peer_state_revision ? 1 : chat.peer_accepted,
  ...(chat.peer_gone === 0 &&
    row.refused_profile_revision > chat.peer_profile_revision && {
      peer_profile_revision: row.refused_profile_revision,
      peer: row.peer,
    }),
})

export class BlockRows extends RowCache<BlockRow> {
  readonly #sequence: Sequence

  constructor(sql: SqlStorage, sequence: Sequence) {
    super(sql, { table: 'blocks', key: 'user_id', columns, isLarge: false })
    this.#sequence = sequence
  }

  isBlocked(userId: string): boolean {
    return this.find(userId)?.blocked === 1
  }

  block(profile: Profile, seenAt: number, now: number): BlockRow {
    const known = this.find(profile.id)
    if (known?.blocked) return known
    const blocked = { seq: this.#sequence.take(), blocked: 1, created_at: now, seen_at: seenAt }
    return this.save({ ...fresh(profile.id), ...known, ...blocked, profile: JSON.stringify(profile), gone: 0 })
  }

  /** Records how far a peer's feeds were refused, under a block or because they may not write. Clients see no change. */
  refuse(userId: string, refused: Refused) {
    this.save(refusing(this.find(userId) ?? fresh(userId), refused))
  }

  /** Lifts a block. The peer's feeds stay refused up to where they reach now. */
  lift(row: BlockRow, position: FeedPosition): BlockRow {
    return this.save({
      ...refusing(row, { ...position, profile: null }),
      seq: this.#sequence.take(),
      blocked: 0,
      profile: null,
    })
  }

  /** Forgets the profile of somebody who is gone, and tells the owner's devices. */
  forgetProfile(userId: string) {
    const row = this.find(userId)
    if (!row || (row.gone && !row.peer && !row.profile)) return
    const seq = row.blocked ? this.#sequence.take() : row.seq
    this.save({ ...row, seq, peer: null, profile: null, gone: 1 })
  }
}
