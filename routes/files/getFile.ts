import { z } from '@hono/zod-openapi'
import * as files from '../../repositories/files'
import { FileParams, fileContent, inGroup } from '../../schemas/file'
import { UserId } from '../../schemas/ids'
import { queryInteger } from '../../schemas/query'
import { inlineTypes } from '../../src/core/content-type'
import { callerIn } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'
import { callMailbox, unwrap } from '../../src/http/mailbox-client'
import { serveFile } from '../../src/http/serve-file'
import { findAvatar } from '../../src/services/files/avatar-copy'
import { readableFile } from '../../src/services/files/readable-file'

const header = (description: string) => ({ schema: { type: 'string' as const }, description })

const contentHeaders = {
  ETag: header('A strong entity tag.'),
  'Last-Modified': header('When the file was uploaded.'),
  'Accept-Ranges': header('`bytes`.'),
  'Content-Length': header('Bytes in this response.'),
  'Content-Disposition': header(
    `\`inline\` for ${inlineTypes.map((type) => `\`${type}\``).join(', ')}; \`attachment\` for all other types, such as QuickTime, 3GP, HEIC, and PDF. With the name of the file.`,
  ),
  'Cache-Control': header(
    'For a profile picture, cacheable until its link expires. Everything else revalidates on every use.',
  ),
}

const condition = (description: string) => z.string().optional().openapi({ description })

/** `no-transform` keeps the edge from compressing, which would weaken the entity tag and break ranges. */
const cacheControl = (expires: number | undefined, isPicture: boolean) => {
  const secondsLeft = Math.max(0, Math.floor((expires ?? 0) - Date.now() / 1000))
  return isPicture ? `private, max-age=${secondsLeft}, immutable, no-transform` : 'private, no-cache, no-transform'
}

export const getFile = define(
  {
    access: 'fileLink',
    counts: 'read',
    operationId: 'getFile',
    method: 'get',
    path: '/v1/files/{fileId}',
    tags: ['Files'],
    summary: 'Download a file',
    description:
      'Returns the bytes exactly as uploaded, but a profile picture of another user, and any that is read by the link of a profile, without its metadata. With an access token, you can download your own files, files in messages you received or forwarded (while at least one such message is neither deleted nor cleared), and any user’s profile picture. Without one, use a signed link, such as the `url` in other responses, until it expires; anything appended to it is ignored. Such a link is made for you: it stops working as soon as you may no longer read the file, for example because its message was deleted. A file you are not allowed to read does not exist for you. Conditional requests and a single byte range are supported; multiple ranges return the whole file. Nothing in a file runs in a browser: images, audio, and video that browsers show (`Content-Disposition` says which) are inline, and everything else is downloaded.',
    request: {
      params: FileParams,
      query: z.object({
        expires: queryInteger(1, 999_999_999_999)
          .optional()
          .openapi({ format: 'int64', description: 'When the link expires, in epoch seconds.' }),
        reader: UserId.optional().openapi({
          description: 'The user for whom the link was made. Links to profile pictures have none.',
        }),
        chatId: inGroup,
        signature: z
          .string()
          .regex(/^[\w-]{43}$/)
          .optional()
          .openapi({ description: 'The signature of the link.' }),
      }),
      headers: z.object({
        Range: condition('A single `bytes` range (RFC 9110), such as `bytes=0-1023`.'),
        'If-Range': condition('The entity tag or date that the range applies to (RFC 9110).'),
        'If-Match': condition('Entity tags, such as `"0a1b2c3d4e5f6071"`, or `*` (RFC 9110).'),
        'If-None-Match': condition('Entity tags, or `*` (RFC 9110).'),
        'If-Modified-Since': condition('A date, such as `Tue, 24 Nov 2026 09:29:40 GMT` (RFC 9110).'),
        'If-Unmodified-Since': condition('A date (RFC 9110).'),
      }),
    },
    responses: {
      200: { description: 'The whole file.', headers: contentHeaders, content: fileContent },
      206: {
        description: 'The requested part of the file.',
        headers: { ...contentHeaders, 'Content-Range': header('The range of these bytes, and the total size.') },
        content: fileContent,
      },
      304: noContent('Your copy is current.'),
    },
    problems: ['precondition_failed', 'range_not_satisfiable'],
  },
  async (c) => {
    const { fileId } = c.req.valid('param')
    const { chatId } = c.req.valid('query')
    const session = c.get('session')
    const reader = c.get('linkReader')
    const isAvatarLink = reader === null
    const readable = session && (await readableFile(c.env, callerIn(c.req.url, session), { fileId, chatId }))
    if (reader) unwrap(await callMailbox(c.env, reader, (mailbox) => mailbox.readLinkedFile(fileId, chatId)))
    const find = isAvatarLink || readable?.isAvatar ? findAvatar : files.find
    return serveFile(c, await find(c.env.FILES, fileId), cacheControl(c.req.valid('query').expires, isAvatarLink))
  },
)
