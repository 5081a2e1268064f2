import * as users from '../../repositories/users'
import { FoundUsers, toUser, UserLookup } from '../../schemas/user'
import { asCaller, avatarLinksFor } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'

export const lookUpUsers = define(
  {
    access: 'session',
    counts: 'lookup',
    operationId: 'lookUpUsers',
    method: 'post',
    path: '/v1/users/lookup',
    tags: ['Profile'],
    summary: 'Get several users’ profiles',
    description:
      'Returns the profiles of up to 100 users, as `getUser` does for one: each once, in the order of the request, and the IDs of those who do not exist. For users you have a chat with, they are the profiles that the chats show.',
    request: { body: jsonBody(UserLookup) },
    responses: { 200: json(FoundUsers, 'The users.') },
  },
  async (c) => {
    const userIds = [...new Set(c.req.valid('json').userIds)]
    const peers = await asCaller(c, (mailbox, caller) => mailbox.findPeers(caller, userIds))
    const byId = new Map(peers.map((peer) => [peer.id, peer]))
    const others = userIds.filter((userId) => !byId.has(userId))
    const found = others.length > 0 ? await users.findMany(c.env.DB, others) : []
    for (const { profile } of found) byId.set(profile.id, profile)
    const link = avatarLinksFor(c)
    return c.json(
      {
        users: userIds.flatMap((userId) => byId.get(userId) ?? []).map((profile) => toUser(profile, link)),
        notFound: userIds.filter((userId) => !byId.has(userId)),
      },
      200,
    )
  },
)
