import { z } from '@hono/zod-openapi'
import { FileParams, fileContent } from '../../schemas/file'
import { UserId } from '../../schemas/ids'
import { callerIn } from '../../src/http/caller'
import { define, noContent } from '../../src/http/define-route'
import { callMailbox, unwrap } from '../../src/http/mailbox-client'
import { serveFile } from '../../src/http/serve-file'
import { readableFile } from '../../src/services/files/readable-file'

const header = (description: string) => ({ schema: { type: 'string' as const }, description })

const contentHeaders = {
  ETag: header('A strong entity tag.'),
  'Last-Modified': header('When the file was uploaded.'),
  'Accept-Ranges': header('`bytes`.'),
  'Content-Length': header('Bytes in this response.'),
  'Content-Disposition': header(
    '`inline` for images, audio, and video, otherwise `attachment`; with the name of the file.',
  ),
  'Cache-Control': header(
    'For a profile picture, cacheable until its link expires. Everything else revalidates on every use.',
  ),
}

const etag = '"0a1b2c3d4e5f60718293a4b5c6d7e8f9"'

const condition = (name: string, example: string) =>
  z
    .string()
    .optional()
    .openapi({ description: `${name} (RFC 9110).`, example })

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
      'Returns the bytes exactly as uploaded. With an access token, you can download your own files, files you received in messages, and any user’s profile picture. Without one, use a signed link, such as the `url` in other responses, until it expires. Such a link is made for you: it stops working as soon as you may no longer read the file, for example because its message was deleted. A file you are not allowed to read does not exist for you. Conditional requests and a single byte range are supported; multiple ranges return the whole file. Nothing in a file runs in a browser: images, audio, and video are shown inline, and everything else is downloaded.',
    request: {
      params: FileParams,
      query: z.strictObject({
        expires: z.coerce
          .number()
          .int()
          .min(1)
          .max(999_999_999_999)
          .optional()
          .openapi({ description: 'When the link expires, in epoch seconds.', example: 1_795_515_300 }),
        reader: UserId.optional().openapi({
          description: 'The user for whom the link was made. Links to profile pictures have none.',
          example: 'usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC',
        }),
        signature: z
          .string()
          .regex(/^[\w-]{43}$/)
          .optional()
          .openapi({
            description: 'The signature of the link.',
            example: 'q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE',
          }),
      }),
      headers: z.object({
        Range: condition('A single `bytes` range', 'bytes=0-1023'),
        'If-Range': condition('Entity tag or date that the range applies to', etag),
        'If-Match': condition('Entity tags, or `*`', etag),
        'If-None-Match': condition('Entity tags, or `*`', etag),
        'If-Modified-Since': condition('Date', 'Tue, 24 Nov 2026 09:29:40 GMT'),
        'If-Unmodified-Since': condition('Date', 'Tue, 24 Nov 2026 09:29:40 GMT'),
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
    const session = c.get('session')
    const reader = c.get('linkReader')
    if (session) await readableFile(c.env, callerIn(c.req.url, session), fileId)
    else if (reader) unwrap(await callMailbox(c.env, reader, (mailbox) => mailbox.readLinkedFile(fileId)))
    return serveFile(c, fileId, cacheControl(c.req.valid('query').expires, reader === null))
  },
)
