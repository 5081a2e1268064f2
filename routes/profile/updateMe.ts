import { z } from '@hono/zod-openapi'
import * as users from '../../repositories/users'
import { Me, ProfileChange, toMe } from '../../schemas/user'
import { problem, refusedField } from '../../src/core/errors'
import { metadataText } from '../../src/core/metadata'
import { isReservedUsername } from '../../src/core/reserved-usernames'
import { asCaller, avatarLinksFor } from '../../src/http/caller'
import { define, json, jsonBody } from '../../src/http/define-route'
import { callMailbox } from '../../src/http/mailbox-client'
import { etagHeader, etagOf, expectedRevisions } from '../../src/http/profile-etag'
import { prepareAvatar } from '../../src/services/files/avatar-copy'

/** The change as it is stored: with the deprecated setting as an audience, and metadata as JSON. */
const toStore = ({ presenceHidden, metadata, ...change }: ProfileChange) => ({
  ...(presenceHidden !== undefined && { presenceAudience: presenceHidden ? 'nobody' : 'everyone' }),
  ...(metadata !== undefined && { metadata: metadataText(metadata) }),
  ...change,
})

export const updateMe = define(
  {
    access: 'session',
    counts: 'account',
    operationId: 'updateMe',
    method: 'patch',
    path: '/v1/me',
    tags: ['Profile'],
    summary: 'Update your profile',
    description:
      'Changes the fields you send; null or an empty string clears a text or the picture, and null or an empty object the metadata, which is otherwise replaced as a whole. Either all of the changes are made or none. With `If-Match`, they are made only to the state that the tag names: if another device was faster, the call returns 412 and changes nothing. A change that is already in place succeeds, so you can retry if the response was lost. Peers see the new profile in their chats soon afterward, without asking for it. A username that another user has, regardless of case, is taken. A picture that is cut off or malformed is refused: its metadata cannot be removed.',
    request: {
      headers: z.object({
        'If-Match': z.string().optional().openapi({
          description:
            'The `ETag` you last received, several of them, or `*` (RFC 9110). Without this header, any state matches.',
        }),
      }),
      body: jsonBody(ProfileChange),
    },
    responses: { 200: { ...json(Me, 'Your current profile.'), headers: etagHeader } },
    problems: ['username_taken', 'username_reserved', 'precondition_failed', 'avatar_unusable'],
  },
  async (c) => {
    const { userId } = c.get('session')
    const change = toStore(c.req.valid('json'))
    const expected = expectedRevisions(c.req.header('If-Match'), userId)
    if (change.username && isReservedUsername(change.username))
      throw refusedField('username_reserved', '/username', 'Looks like a name of the app itself.')
    const { avatarFileId = null } = change
    if (avatarFileId !== null) {
      await asCaller(c, (mailbox, caller) => mailbox.checkAvatar(caller, avatarFileId))
      await prepareAvatar(c.env.FILES, avatarFileId)
    }
    await asCaller(c, (mailbox, caller) => mailbox.expectProfile(caller, avatarFileId))
    const user = await users.change(c.env.DB, userId, change, expected, Date.now())
    if (user === 'precondition_failed') throw problem('precondition_failed')
    if (user === 'username_taken') throw refusedField('username_taken', '/username', 'Another user has this username.')
    if (!user) throw problem('session_ended')
    await callMailbox(c.env, userId, (mailbox) => mailbox.setProfile(user))
    return c.json(toMe(user, avatarLinksFor(c)), 200, etagOf(user))
  },
)
