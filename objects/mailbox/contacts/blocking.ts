import type { Block, BlockChange } from '../../../schemas/block'
import type { Profile } from '../../../src/core/profile'
import { toTimestamp } from '../../../src/core/timestamp'
import { done, type Outcome } from '../../durable/outcome'
import { cutPage } from '../../durable/page'
import type { CallerContext } from '../context'
import type { FeedPosition } from '../delivery/shapes'
import { seenUntil } from '../realtime/presence'
import { type BlockRow, pastBlock } from '../tables/blocks'
import { shownUser } from './shown-user'

const toBlock = (context: CallerContext, row: BlockRow): Block => ({
  userId: row.user_id,
  user: shownUser(context, row),
  createdAt: toTimestamp(row.created_at),
})

/** A row as shown to a client that follows the changes. */
export const toBlockChange = (context: CallerContext, row: BlockRow): BlockChange => ({
  userId: row.user_id,
  block: row.blocked ? toBlock(context, row) : null,
})

/** Blocks a user, of whom the owner keeps seeing this profile, or the one that their chat shows. */
export const blockUser = (context: CallerContext, profile: Profile): Outcome<Block> =>
  done(toBlock(context, context.blocks.block(profile, seenUntil(context, profile.id), context.now)))

/**
 * Lifts this block. What the peer did up to `position` never arrives, whether it was delivered or is still on its way, and
 * the peer is not told what was read under the block. Only their profile becomes current.
 */
export function unblockUser(context: CallerContext, block: BlockRow, position: FeedPosition): Outcome<null> {
  const userId = block.user_id
  const row = context.blocks.find(userId)
  // The block was lifted in the meantime and might be in place again: a newer block stays.
  if (!row?.blocked || row.seq !== block.seq) return done(null)
  const lifted = context.blocks.lift(row, position)
  const chat = context.chats.find(userId)
  if (chat)
    context.chats.saveVisible({ ...pastBlock(chat, lifted), fed_state_revision: chat.state_revision }, context.now)
  return done(null)
}

export interface BlocksPage {
  items: Block[]
  next: string | null
}

/** Lists the blocked users after `after`, ordered by id. */
export function listBlocks(context: CallerContext, after: string | null, limit: number): Outcome<BlocksPage> {
  const rest = context.blocks
    .all()
    .filter((row) => row.blocked && (after === null || row.user_id > after))
    .sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
  return done(cutPage(rest, { limit, toItem: (row) => toBlock(context, row), placeOf: (row) => row.user_id }))
}
