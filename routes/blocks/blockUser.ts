import * as users from '../../repositories/users'
import { Block } from '../../schemas/block'
import { UserParams } from '../../schemas/params'
import { problem } from '../../src/core/errors'
import { asCaller, requireLiveSession } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'

export const blockUser = define(
  {
    access: 'session',
    counts: 'write',
    operationId: 'blockUser',
    method: 'put',
    path: '/v1/blocks/{userId}',
    tags: ['Contacts'],
    summary: 'Block a user',
    description:
      'From now on, nothing from the user reaches you: no messages, edits, reactions, receipts, typing, presence, or profile changes. Nothing from you reaches them either. They notice nothing: what they send is acknowledged and stays `sent`. It does not arrive later either, and neither does anything that was still on its way. Idempotent.',
    request: { params: UserParams },
    responses: { 200: json(Block, 'The user is blocked.') },
    problems: ['user_not_found', 'own_user'],
  },
  async (c) => {
    const { userId } = c.req.valid('param')
    const [user] = await Promise.all([users.find(c.env.DB, userId), requireLiveSession(c)])
    if (!user) throw problem('user_not_found')
    if (userId === c.get('session').userId) throw problem('own_user')
    return c.json(await asCaller(c, (mailbox, caller) => mailbox.blockUser(caller, user.profile)), 200)
  },
)
