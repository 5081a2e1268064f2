import { z } from '@hono/zod-openapi'
import * as users from '../../repositories/users'
import { UserId } from '../../schemas/ids'
import { toUser, User } from '../../schemas/user'
import { problem } from '../../src/core/errors'
import { avatarLinksFor, requireLiveSession } from '../../src/http/caller'
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
    description: 'Returns the part of a profile that any signed-in user can see. Never includes a phone number.',
    request: { params: z.object({ userId: UserId }) },
    responses: { 200: json(User, 'The user.') },
    problems: ['user_not_found'],
  },
  async (c) => {
    const [user] = await Promise.all([users.find(c.env.DB, c.req.valid('param').userId), requireLiveSession(c)])
    if (!user) throw problem('user_not_found')
    return c.json(toUser(user.profile, avatarLinksFor(c)), 200)
  },
)
