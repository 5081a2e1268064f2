import { z } from '@hono/zod-openapi'
import { GroupUser } from './group'
import { Timestamp, UserId } from './ids'
import { orNull } from './or-null'
import { pageOf } from './page'

export const GroupBan = z
  .object({
    userId: UserId.openapi({ description: 'Who is banned.' }),
    user: orNull(GroupUser).openapi({
      description: 'Their profile as the group last knew it; null for somebody who never was a member.',
    }),
    bannedBy: UserId.openapi({ description: 'Who banned them.' }),
    createdAt: Timestamp.openapi({ description: 'When they were banned.' }),
  })
  .openapi('GroupBan', { description: 'Somebody whom a group keeps out.' })
export type GroupBanShown = z.infer<typeof GroupBan>

export const GroupBans = pageOf(GroupBan, { items: 'The bans on this page.' }).openapi('GroupBans', {
  description: 'A page of bans, by the banned users’ IDs.',
})
