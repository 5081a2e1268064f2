import { z } from '@hono/zod-openapi'
import { File, FileName, uploadContent } from '../../schemas/file'
import { ownMailboxOf } from '../../src/http/caller'
import { define, json } from '../../src/http/define-route'
import { finishAfterDisconnect } from '../../src/http/finish-after-disconnect'
import { openFile } from '../../src/services/files/incoming-file'
import { keepFile } from '../../src/services/files/keep-file'

export const uploadFile = define(
  {
    access: 'session',
    operationId: 'uploadFile',
    method: 'post',
    path: '/v1/files',
    tags: ['Files'],
    summary: 'Upload a file',
    description:
      'Stores up to 95 MiB, either the raw body of the request (with its `Content-Type`, `?name=` and a `Content-Length`) or the one field `file` of a form. An empty file is a file. All of it is stored or nothing: a body that breaks off, or is not as long as declared, leaves nothing behind. Known images, audio, video and PDF get the type that their bytes show; the declared type is kept otherwise, unless it is one that a browser would run. A raw body without a content type is `application/octet-stream`.',
    request: {
      query: z.strictObject({
        name: FileName.optional().openapi({
          description: 'What the file is called. Goes before the filename in a form; without either it is `file`.',
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
