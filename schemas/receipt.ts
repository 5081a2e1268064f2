import { z } from '@hono/zod-openapi'
import { limits } from '../src/core/limits'
import { GroupUser } from './group'
import { MessageStatus } from './message'
import { pageOf } from './page'

export const Receipt = z
  .object({
    user: GroupUser,
    status: MessageStatus.openapi({
      description:
        'How far the message has gotten with this user: `sent`, `delivered`, or `read`. In a group, `sent` until it is read.',
      example: 'read',
    }),
  })
  .openapi('Receipt', { description: 'How far a message of yours has gotten with one user.' })
export type Receipt = z.infer<typeof Receipt>

export const Receipts = pageOf(Receipt, { items: 'The users on this page.' }).openapi('Receipts', {
  description: `A page of receipts, by user IDs. Notes to self have none; a message in a group has at most ${limits.groupMembersMax - 1}.`,
})
