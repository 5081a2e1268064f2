import { z } from '@hono/zod-openapi'
import * as users from '../../repositories/users'
import { toUser, Username, Users } from '../../schemas/user'
import type { Profile } from '../../src/core/profile'
import { asCaller, avatarLinksFor, ownMailboxOf } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { shownProfiles } from '../../src/services/accounts/shown-profile'

const hasUsername = (profile: Profile, username: string) => profile.username?.toLowerCase() === username.toLowerCase()

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
      'Returns the user with this username, regardless of case: one item or none. Whether they can be found by phone number (`discoverable`) makes no difference: a user who does not want to be found by username has none. For a user you have a chat with, it is the profile that the chat shows.',
    request: { query: z.strictObject({ username: Username }) },
    responses: { 200: json(Users, 'At most one user.') },
  },
  async (c) => {
    const { username } = c.req.valid('query')
    const found = await users.findByUsername(c.env.DB, username)
    const shown = found
      ? (await shownProfiles(ownMailboxOf(c), [found.profile])).filter((profile) => hasUsername(profile, username))
      : await asCaller(c, (mailbox, caller) => mailbox.findPeerByUsername(caller, username))
    const items = [shown ?? []].flat().map((profile) => toUser(profile, avatarLinksFor(c)))
    return c.json({ items, nextCursor: null }, 200)
  },
)
