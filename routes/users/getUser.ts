import { z } from '@hono/zod-openapi'
import * as users from '../../repositories/users'
import { UserId } from '../../schemas/ids'
import { toUser, User } from '../../schemas/user'
import { problem } from '../../src/core/errors'
import { asCaller, avatarLinksFor } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const getUser = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getUser',
    method: 'get',
    path: '/v1/users/{userId}',
    tags: ['Profile'],
    summary: 'Get a user’s profile',
    description:
      'Returns the part of a profile that any signed-in user can see. Never includes a phone number. For a user you have a chat with, it is the profile that the chat shows.',
    request: { params: z.object({ userId: UserId }) },
    responses: { 200: json(User, 'The user.') },
    problems: ['user_not_found'],
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    const [peer] = await asCaller(c, (mailbox, caller) => mailbox.findPeers(caller, [userId]))
    const profile = peer ?? (await users.find(c.env.DB, userId))?.profile
    if (!profile) throw problem('user_not_found')
    return c.json(toUser(profile, avatarLinksFor(c)), 200)
  },
)
