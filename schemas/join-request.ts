import { z } from '@hono/zod-openapi'
import { GroupUser } from './group'
import { InviteId, Timestamp } from './ids'
import { pageOf } from './page'

export const JoinRequest = z
  .object({
    user: GroupUser.openapi({ description: 'Who wants to join, as they were when they asked.' }),
    inviteId: InviteId.openapi({ description: 'The invitation that they used.' }),
    createdAt: Timestamp.openapi({ description: 'When they asked.' }),
  })
  .openapi('JoinRequest', { description: 'A request to join a group.' })
export type JoinRequestShown = z.infer<typeof JoinRequest>

export const JoinRequests = pageOf(JoinRequest, { items: 'The requests on this page.' }).openapi('JoinRequests', {
  description: 'A page of requests to join, by user ID.',
})
