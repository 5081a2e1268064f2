import { z } from '@hono/zod-openapi'
import { Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'

export const Block = z
  .object({ userId: UserId, createdAt: Timestamp.openapi({ description: 'When the user was blocked.' }) })
  .openapi('Block', { description: 'A user whom the caller has blocked.' })
export type Block = z.infer<typeof Block>

export const Blocks = pageOf(Block, { items: 'The blocks of this page.' }).openapi('Blocks', {
  description: 'A page of blocked users.',
})

export const BlockChange = z
  .object({ userId: UserId, block: orNull(Block).openapi({ description: 'Null when it was lifted.' }) })
  .openapi('BlockChange', { description: 'A block as it is now; null when it was lifted.' })
export type BlockChange = z.infer<typeof BlockChange>
