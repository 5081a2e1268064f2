import { z } from '@hono/zod-openapi'
import * as users from '../../repositories/users'
import { toUser, Username, Users } from '../../schemas/user'
import { avatarLinksFor, requireLiveSession } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const findUserByUsername = define(
  {
    access: 'session',
    counts: 'lookup',
    operationId: 'findUserByUsername',
    method: 'get',
    path: '/v1/users',
    tags: ['Profile'],
    summary: 'Find a user by username',
    description:
      'Returns the user with this username, regardless of case: one item or none. Whether they can be found by phone number (`discoverable`) makes no difference: a user who does not want to be found by username has none.',
    request: { query: z.strictObject({ username: Username }) },
    responses: { 200: json(Users, 'At most one user.') },
  },
  async (c) => {
    const [user] = await Promise.all([
      users.findByUsername(c.env.DB, c.req.valid('query').username),
      requireLiveSession(c),
    ])
    return c.json({ items: user ? [toUser(user.profile, avatarLinksFor(c))] : [], nextCursor: null }, 200)
  },
)
