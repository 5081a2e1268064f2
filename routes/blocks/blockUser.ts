import * as users from '../../repositories/users'
import { Block } from '../../schemas/block'
import { UserParams } from '../../schemas/params'
import { problem } from '../../src/core/errors'
import { asCaller, requireLiveSession } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const blockUser = define(
  {
    access: 'session',
    operationId: 'blockUser',
    method: 'put',
    path: '/v1/blocks/{userId}',
    tags: ['Contacts'],
    summary: 'Block a user',
    description:
      'From now on nothing of the user’s arrives: no message, edit, reaction, receipt, typing, presence or new profile, and nothing of the caller’s reaches them. They notice nothing: what they send is acknowledged and stays `sent`. It does not arrive later either, and neither does what was still on its way. Repeating is harmless.',
    request: { params: UserParams },
    responses: { 200: json(Block, 'Blocked.') },
    problems: ['user_not_found', 'own_user'],
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    const [user] = await Promise.all([users.find(c.env.DB, userId), requireLiveSession(c)])
    if (!user) throw problem('user_not_found')
    if (userId === c.get('session').userId) throw problem('own_user')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.blockUser(caller, userId)), 200)
  },
)
