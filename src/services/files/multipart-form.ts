import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { ProblemError, problem } from '../../core/errors'
import { limits } from '../../core/limits'

/** The only file of a form, its content not yet read. */
export interface FormFile {
  name: string | undefined
  /** Null if the part declares none. */
  contentType: string | null
  content: AsyncIterable<Uint8Array>
}

const malformed = (detail: string, cause?: unknown) => problem('malformed_form', { detail, cause })

const headerPairsMax = 32

const fileField = 'file'

/**
 * A file needs no filename (RFC 7578, section 4.2). The parser gives a part without a content type that of text, so
 * whether it has one is read from what came before its content.
 */
function parserFor(contentType: string, overhead: Overhead): BusboyInstance {
  try {
    const bounds = { parts: 1, fields: 0, headerPairs: headerPairsMax }
    const isPartAFile = (field: string | undefined, _type: string | undefined, filename: string | undefined) =>
      filename !== undefined || (field === fileField && overhead.declaresType(contentType))
    return new Busboy({ headers: { 'content-type': contentType }, limits: bounds, isPartAFile })
  } catch (cause) {
    throw malformed('The content type has no boundary.', cause)
  }
}

/** What may be inside the parser, read of the body and not passed on as content: its buffers and our pieces. */
const inParserBytesMax = 256 * 1024
const pieceBytes = 16 * 1024
const startBytes = limits.formOverheadBytesMax + pieceBytes

/**
 * Counts what a form has besides the content of its file: boundaries, headers, and whatever is before, between and after
 * the parts, which parsers skip.
 */
class Overhead {
  #read = 0
  #passedOn = 0
  /** The beginning of the body, as Latin-1, as far as the headers of a part can be. */
  #start = ''

  #check(slack: number) {
    if (this.#read - this.#passedOn > limits.formOverheadBytesMax + slack)
      throw problem('payload_too_large', {
        detail: `A form can have at most ${limits.formOverheadBytesMax} bytes besides its file.`,
      })
  }

  /** Yields a body in pieces. Throws once it has read too much that did not become content. */
  async *ofBody(body: ReadableStream<Uint8Array>) {
    for await (const chunk of body)
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        const piece = chunk.subarray(at, at + pieceBytes)
        this.#read += piece.length
        this.#check(inParserBytesMax)
        if (this.#start.length < startBytes) this.#start += Buffer.from(piece).toString('latin1')
        yield piece
      }
  }

  async *ofContent(content: AsyncIterable<Uint8Array>) {
    for await (const chunk of content) {
      this.#passedOn += chunk.length
      yield chunk
    }
  }

  /** Whether the first part, whose headers have been read, has a content type. */
  declaresType(contentType: string): boolean {
    const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
    const headers = this.#start.split(`--${boundary?.[1] ?? boundary?.[2]}\r\n`, 2)[1] ?? ''
    return /^content-type[ \t]*:[ \t]*\S/im.test(headers.split('\r\n\r\n', 1)[0] ?? '')
  }

  /** Throws if the form, now read to its end, had too much. */
  checkAll() {
    this.#check(0)
  }
}

interface Part extends FormFile {
  field: string
}

// How browsers write a quote in a filename (HTML, multipart/form-data encoding algorithm).
const unescaped = (filename: string | undefined) => filename?.replaceAll('%22', '"') || undefined

const bare = ['7bit', '8bit', 'binary']

/** Resolves to the first part as soon as its headers have arrived. Errors of its stream also reach the parser. */
const firstFile = (parser: BusboyInstance, typeOf: (given: string) => string | null) =>
  new Promise<Part>((resolve, reject) => {
    parser.once('file', (field, content, filename, encoding, contentType) => {
      content.on('error', () => {})
      if (!bare.includes(encoding.toLowerCase())) reject(malformed('A part must not have a transfer encoding.'))
      resolve({ field, content, name: unescaped(filename), contentType: typeOf(contentType) })
    })
  })

/**
 * Opens a form that must have exactly one field, `file`. Reads only as far as its content is requested. Whatever comes
 * after the file is checked once the content has ended, which fails if the form is malformed there.
 */
export async function openForm(body: ReadableStream<Uint8Array>, contentType: string): Promise<FormFile> {
  const overhead = new Overhead()
  const parser = parserFor(contentType, overhead)
  const left = new AbortController()
  const file = firstFile(parser, (given) => (overhead.declaresType(contentType) ? given : null))
  const refuse = () => parser.destroy(new Error('The form has another field than `file`'))
  parser.on('field', refuse).on('fieldsLimit', refuse).on('partsLimit', refuse)
  const parsed = pipeline(overhead.ofBody(body), parser, { signal: left.signal }).catch((cause) => {
    if (cause instanceof ProblemError) throw cause
    throw malformed('The form is incomplete or contains something other than the field `file`.', cause)
  })
  // Awaited below, or not at all if the reader leaves.
  parsed.catch(() => {})
  const part = await Promise.race([file, parsed]).catch((error) => {
    left.abort()
    throw error
  })
  if (part?.field === fileField) return { ...part, content: throughTheEnd(part.content, parsed, overhead, left) }
  left.abort()
  throw malformed('The form has no file in the field `file`.')
}

async function* throughTheEnd(
  content: AsyncIterable<Uint8Array>,
  parsed: Promise<void>,
  overhead: Overhead,
  left: AbortController,
) {
  try {
    yield* overhead.ofContent(content)
    await parsed
    overhead.checkAll()
  } finally {
    left.abort()
  }
}
