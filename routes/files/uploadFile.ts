import { z } from '@hono/zod-openapi'
import { File, NewFileName, uploadContent } from '../../schemas/file'
import { ownMailboxOf } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { finishAfterDisconnect } from '../../src/http/finish-after-disconnect'
import { openFile } from '../../src/services/files/incoming-file'
import { keepFile } from '../../src/services/files/keep-file'

export const uploadFile = define(
  {
    access: 'session',
    counts: 'upload',
    operationId: 'uploadFile',
    method: 'post',
    path: '/v1/files',
    tags: ['Files'],
    summary: 'Upload a file',
    description:
      'Stores a file of up to 95 MiB, sent either as the raw request body (with its `Content-Type`, `?name=`, and a `Content-Length`) or as the single field `file` of a multipart form, which can have up to 16 KiB besides the file. Empty files are allowed. The whole file is stored or nothing is: a body that breaks off or does not have the declared length leaves nothing behind. Known image, audio, video, and PDF files get the type detected from their bytes; other files keep the declared type unless it is one that a browser would run. A raw body without a content type is `application/octet-stream`.',
    request: {
      query: z.strictObject({
        name: NewFileName.optional().openapi({
          description:
            'The name of the file. Takes precedence over the filename in a form; without either, the name is `file`. It must not contain characters that change the direction of what follows, because they can disguise its ending.',
        }),
      }),
      body: { required: true, content: uploadContent },
    },
    responses: { 201: json(File, 'The stored file.') },
    problems: ['malformed_form', 'length_required', 'payload_too_large', 'storage_full'],
  },
  async (c) => {
    const file = await openFile(c.req.raw, c.req.valid('query').name)
    return c.json(await finishAfterDisconnect(c, keepFile(c.env.FILES, ownMailboxOf(c), file)), 201)
  },
)
