import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { ProblemError, problem } from '../../core/errors'
import { limits } from '../../core/limits'

/** The only file of a form, its content not yet read. */
export interface FormFile {
  name: string | undefined
  contentType: string
  content: AsyncIterable<Uint8Array>
}

const malformed = (detail: string, cause?: unknown) => problem('malformed_form', { detail, cause })

const headerPairsMax = 32

function parserFor(contentType: string): BusboyInstance {
  try {
    const bounds = { parts: 1, fields: 0, headerPairs: headerPairsMax }
    return new Busboy({ headers: { 'content-type': contentType }, limits: bounds })
  } catch (cause) {
    throw malformed('The content type has no boundary.', cause)
  }
}

/** What may be inside the parser, read of the body and not passed on as content: its buffers and our pieces. */
const inParserBytesMax = 256 * 1024
const pieceBytes = 16 * 1024

/**
 * Counts what a form has besides the content of its file: boundaries, headers, and whatever is before, between and after
 * the parts, which parsers skip.
 */
class Overhead {
  #read = 0
  #passedOn = 0

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
        yield piece
      }
  }

  async *ofContent(content: AsyncIterable<Uint8Array>) {
    for await (const chunk of content) {
      this.#passedOn += chunk.length
      yield chunk
    }
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

/** Resolves to the first part as soon as its headers have arrived. Errors of its stream also reach the parser. */
const firstFile = (parser: BusboyInstance) =>
  new Promise<Part>((resolve) => {
    parser.once('file', (field, content, filename, _encoding, contentType) => {
      content.on('error', () => {})
      resolve({ field, content, name: unescaped(filename), contentType })
    })
  })

/**
 * Opens a form that must have exactly one field, `file`. Reads only as far as its content is requested. Whatever comes
 * after the file is checked once the content has ended, which fails if the form is malformed there.
 */
export async function openForm(body: ReadableStream<Uint8Array>, contentType: string): Promise<FormFile> {
  const parser = parserFor(contentType)
  const overhead = new Overhead()
  const left = new AbortController()
  const file = firstFile(parser)
  const refuse = () => parser.destroy(new Error('The form has another field than `file`'))
  parser.on('field', refuse).on('fieldsLimit', refuse).on('partsLimit', refuse)
  const parsed = pipeline(overhead.ofBody(body), parser, { signal: left.signal }).catch((cause) => {
    if (cause instanceof ProblemError) throw cause
    throw malformed('The form is incomplete or contains something other than the field `file`.', cause)
  })
  // Awaited below, or not at all if the reader leaves.
  parsed.catch(() => {})
  const part = await Promise.race([file, parsed])
  if (part?.field === 'file') return { ...part, content: throughTheEnd(part.content, parsed, overhead, left) }
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
