import { z } from '@hono/zod-openapi'
import * as users from '../../repositories/users'
import { Me, ProfileChange, toMe } from '../../schemas/user'
import { problem, refusedField } from '../../src/core/errors'
import { asCaller, linksFor } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { callMailbox } from '../../src/http/mailbox-client'
import { etagHeader, etagOf, expectedRevisions } from '../../src/http/profile-etag'

export const updateMe = define(
  {
    access: 'session',
    operationId: 'updateMe',
    method: 'patch',
    path: '/v1/me',
    tags: ['Profile'],
    summary: 'Change one’s own profile',
    description:
      'Changes the fields that are present; null clears one. All of it is done or none. With `If-Match` it is done only to the state that the tag names: when another device was faster the answer is 412, and nothing changes. A change that is there already succeeds, so that it can be repeated when the answer was lost. Peers see the new profile in their chats soon after, without asking. A username that somebody has in any spelling is taken.',
    request: {
      headers: z.object({
        'If-Match': z.string().optional().openapi({
          description: 'The `ETag` last received, several of them, or `*` (RFC 9110). Without it any state will do.',
          example: '"usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC.4"',
        }),
      }),
      body: jsonBody(ProfileChange),
    },
    responses: { 200: { ...json(Me, 'The profile as it is now.'), headers: etagHeader } },
    problems: ['username_taken', 'precondition_failed', 'avatar_unusable'],
  },
  async (c) => {
    const { userId } = c.get('session')
    const change = c.req.valid('json')
    const expected = expectedRevisions(c.req.header('If-Match'), userId)
    await asCaller(c, (mailbox, caller) => mailbox.expectProfile(caller, change.avatarFileId ?? null))
    const user = await users.change(c.env.DB, userId, change, expected, Date.now())
    if (user === 'precondition_failed') throw problem('precondition_failed')
    if (user === 'username_taken') throw refusedField('username_taken', '/username', 'Somebody else has this username.')
    if (!user) throw problem('session_ended')
    await callMailbox(c.env, userId, (mailbox) => mailbox.setProfile(user))
    return c.json(toMe(user, linksFor(c)), 200, etagOf(user))
  },
)
