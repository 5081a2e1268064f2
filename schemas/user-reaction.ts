import { z } from '@hono/zod-openapi'
import { GroupUser } from './group'
import { Emoji } from './message'
import { pageOf } from './page'

export const UserReaction = z
  .object({ user: GroupUser, emoji: Emoji })
  .openapi('UserReaction', { description: 'A user, and an emoji that they reacted with.' })
export type UserReaction = z.infer<typeof UserReaction>

export const UserReactions = pageOf(UserReaction, { items: 'The reactions on this page.' }).openapi('UserReactions', {
  description: 'A page of reactions, in the order in which they were added.',
})

/** Where a page of reactions continues: `at` is the time of the last one, in groups the number of its change. */
export const ReactionPlace = z.object({ at: z.int(), emoji: z.string(), userId: z.string() })
export type ReactionPlace = z.infer<typeof ReactionPlace>

/** What a page of reactions has: an emoji, or all if it is null, after a place. */
export interface ReactionsQuery {
  emoji: string | null
  after: ReactionPlace | null
  limit: number
}
