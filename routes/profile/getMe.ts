import * as users from '../../repositories/users'
import { Me, toMe } from '../../schemas/user'
import { problem } from '../../src/core/errors'
import { avatarLinksFor, requireLiveSession } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { etagHeader, etagOf } from '../../src/http/profile-etag'

export const getMe = define(
  {
    access: 'session',
    counts: 'read',
    operationId: 'getMe',
    method: 'get',
    path: '/v1/me',
    tags: ['Profile'],
    summary: 'Get your profile',
    description:
      'Returns your profile, including what other users cannot see: your phone number, settings, and dates. `ETag` names its current state: pass it to `updateMe` as `If-Match`.',
    responses: { 200: { ...json(Me, 'Your profile.'), headers: etagHeader } },
  },
  async (c) => {
    const [user] = await Promise.all([users.find(c.env.DB, c.get('session').userId), requireLiveSession(c)])
    if (!user) throw problem('session_ended')
    return c.json(toMe(user, avatarLinksFor(c)), 200, etagOf(user))
  },
)
