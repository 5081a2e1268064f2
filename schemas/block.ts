import { z } from '@hono/zod-openapi'
import { Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'
import { User } from './user'

export const Block = z
  .object({
    userId: UserId,
    user: orNull(User).openapi({
      description:
        'Their profile when you blocked them, or the one that your chat with them shows; null once they have deleted their account.',
    }),
    createdAt: Timestamp.openapi({ description: 'When you blocked the user.' }),
  })
  .openapi('Block', { description: 'A user you have blocked.' })
export type Block = z.infer<typeof Block>

export const Blocks = pageOf(Block, { items: 'The blocks on this page.' }).openapi('Blocks', {
  description: 'A page of blocked users.',
})

export const BlockChange = z
  .object({ userId: UserId, block: orNull(Block).openapi({ description: 'Null if the block was lifted.' }) })
  .openapi('BlockChange', { description: 'The current state of a block; null if it was lifted.' })
export type BlockChange = z.infer<typeof BlockChange>
