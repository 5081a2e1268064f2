import type { Block, BlockChange } from '../../../schemas/block'
import { limits } from '../../../src/core/limits'
import { done, type Outcome } from '../../durable/outcome'
import type { Box, CallerBox } from '../context'
import type { Reach } from '../delivery/outgoing'
import { type BlockRow, pastBlock } from '../tables/blocks'

const toBlock = (row: BlockRow): Block => ({ userId: row.user_id, createdAt: new Date(row.created_at).toISOString() })

/** What a client that follows the changes must know of a row. */
export const toBlockChange = (row: BlockRow): BlockChange => ({
  userId: row.user_id,
  block: row.blocked ? toBlock(row) : null,
})

export const block = (box: CallerBox, userId: string): Outcome<Block> =>
  done(toBlock(box.blocks.block(userId, box.now)))

/**
 * Lifts a block. What the peer has done by now (`reach`) never arrives, delivered or still on its way, and what was read
 * under the block is not told to them. Only their profile is that of today.
 */
export function unblock(box: CallerBox, userId: string, reach: Reach): Outcome<null> {
  const row = box.blocks.find(userId)
  if (!row?.blocked) return done(null)
  const lifted = box.blocks.lift(row, reach)
  // What waited under the block is due again.
  box.wakeBy(box.now + limits.deliveryAlarmMs)
  const chat = box.chats.find(userId)
  if (chat) box.chats.saveVisible({ ...pastBlock(chat, lifted), fed_state_revision: chat.state_revision }, box.now)
  return done(null)
}

export interface BlocksPage {
  items: Block[]
  next: string | null
}

/** The blocked users after one, by id. */
export function list(box: Box, after: string | null, limit: number): Outcome<BlocksPage> {
  const rest = box.blocks
    .all()
    .filter((row) => row.blocked && (after === null || row.user_id > after))
    .sort((a, b) => (a.user_id < b.user_id ? -1 : 1))
  const page = rest.slice(0, limit)
  return done({ items: page.map(toBlock), next: rest.length > limit ? (page.at(-1)?.user_id ?? null) : null })
}
