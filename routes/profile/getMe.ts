import * as users from '../../repositories/users'
import { Me, toMe } from '../../schemas/user'
import { problem } from '../../src/core/errors'
import { linksFor, requireLiveSession } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { etagHeader, etagOf } from '../../src/http/profile-etag'

export const getMe = define(
  {
    access: 'session',
    operationId: 'getMe',
    method: 'get',
    path: '/v1/me',
    tags: ['Profile'],
    summary: 'Get one’s own profile',
    description:
      'The profile of the signed-in user, with what others do not see: the phone number and the dates. `ETag` names its present state: give it to `updateMe` as `If-Match`.',
    responses: { 200: { ...json(Me, 'The profile.'), headers: etagHeader } },
  },
  async (c) => {
    const [user] = await Promise.all([users.find(c.env.DB, c.get('session').userId), requireLiveSession(c)])
    if (!user) throw problem('session_ended')
    return c.json(toMe(user, linksFor(c)), 200, etagOf(user))
  },
)
