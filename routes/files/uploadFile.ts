import { File, givenFacts, UploadQuery, uploadContent } from '../../schemas/file'
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
      'Stores a file of up to 95 MiB, sent either as the raw request body (with its `Content-Type`, `?name=`, and a `Content-Length`) or as the single field `file` of a multipart form, which can have up to 16 KiB besides the file. Empty files are allowed; a raw one needs a `Content-Type`, without which a request without a body would look the same. The whole file is stored or nothing is: a body that breaks off or does not have the declared length leaves nothing behind. Known image, audio, video, and PDF files get the type detected from their bytes; other files keep the declared type unless it is one that a browser would run. Without a content type, other files are `application/octet-stream`. Dimensions and duration are read from the first 256 KiB: those of JPEG, PNG, GIF, WebP, HEIC, and AVIF pictures, and of MP4, QuickTime, 3GPP, WebM, WAV, MP3, FLAC, and short Ogg recordings that hold them there. What the bytes do not say you can say with `width`, `height`, `durationMs`, and `blurHash`.',
    request: {
      query: UploadQuery,
      body: { required: true, content: uploadContent },
    },
    responses: { 201: json(File, 'The stored file.') },
    problems: ['malformed_form', 'length_required', 'payload_too_large', 'storage_full'],
  },
  async (c) => {
    const query = c.req.valid('query')
    const file = await openFile(c.req.raw, query.name)
    const kept = keepFile(c.env.FILES, ownMailboxOf(c), file, givenFacts(query))
    return c.json(await finishAfterDisconnect(c, kept), 201)
  },
)
