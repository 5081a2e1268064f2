import { NewFileName } from '../../../schemas/file'
import { problem } from '../../core/errors'
import { limits } from '../../core/limits'
import { openForm } from './multipart-form'

/** An incoming file. */
export interface IncomingFile {
  name: string
  /** As declared by the sender. */
  contentType: string | null
  /** The minimum and maximum size of the file; the same for a raw body. */
  bytesMin: number
  bytesMax: number
  /** Throws a problem if the file turns out not to be what the request declared. */
  content: AsyncIterable<Uint8Array>
}

const tooLarge = () => problem('payload_too_large', { detail: `A file can have at most ${limits.fileBytesMax} bytes.` })

/** Returns the declared length of the body, if any. Refuses a length that no file of allowed size has. */
function lengthOf(request: Request, max: number): number | undefined {
  const declared = request.headers.get('Content-Length')
  if (declared === null || !/^\d+$/.test(declared)) return undefined
  const length = Number(declared)
  if (length > max) throw tooLarge()
  return length
}

const withoutBody = () => {
  const detail = 'The request has no body. An empty file needs a content type.'
  return problem('invalid_request', { detail, errors: [{ pointer: '/header/Content-Type', code: 'custom', detail }] })
}

const notAsDeclared = (detail: string, cause?: unknown) =>
  problem('invalid_request', {
    detail,
    errors: [{ pointer: '/header/Content-Length', code: 'custom', detail }],
    cause,
  })

async function* exactly(content: AsyncIterable<Uint8Array>, length: number) {
  let received = 0
  try {
    for await (const chunk of content) {
      received += chunk.length
      if (received > length) break
      yield chunk
    }
  } catch (cause) {
    throw notAsDeclared('The body was cut off.', cause)
  }
  if (received !== length) throw notAsDeclared('The body does not have the declared length.')
}

async function* atMost(content: AsyncIterable<Uint8Array>, max: number) {
  let received = 0
  for await (const chunk of content) {
    received += chunk.length
    if (received > max) throw tooLarge()
    yield chunk
  }
}

function openRaw(request: Request, name: string | undefined): IncomingFile {
  const length = lengthOf(request, limits.fileBytesMax)
  if (length === undefined) throw problem('length_required')
  const contentType = request.headers.get('Content-Type')
  if (length === 0 && contentType === null) throw withoutBody()
  return {
    name: name ?? NewFileName.parse(''),
    contentType,
    bytesMin: length,
    bytesMax: length,
    content: exactly(request.body ?? new Blob().stream(), length),
  }
}

async function openFormFile(request: Request, contentType: string, name: string | undefined): Promise<IncomingFile> {
  const length = lengthOf(request, limits.fileBytesMax + limits.formOverheadBytesMax)
  const file = await openForm(request.body ?? new Blob().stream(), contentType)
  const named = NewFileName.safeParse(name ?? file.name ?? '')
  if (!named.success)
    throw problem('malformed_form', { detail: `The file name is invalid: ${named.error.issues[0]?.message}` })
  return {
    name: named.data,
    contentType: file.contentType,
    bytesMin: Math.max(0, (length ?? 0) - limits.formOverheadBytesMax),
    bytesMax: Math.min(length ?? limits.fileBytesMax, limits.fileBytesMax),
    content: atMost(file.content, limits.fileBytesMax),
  }
}

/** Opens the file in a request: the one in a form, or the raw body. */
export async function openFile(request: Request, name: string | undefined): Promise<IncomingFile> {
  const contentType = request.headers.get('Content-Type') ?? ''
  const isForm = /^multipart\/form-data[ \t]*(;|$)/i.test(contentType)
  return isForm ? openFormFile(request, contentType, name) : openRaw(request, name)
}
