import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { problem } from '../../core/errors'

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
    const limits = { parts: 1, fields: 0, headerPairs: headerPairsMax }
    return new Busboy({ headers: { 'content-type': contentType }, limits })
  } catch (cause) {
    throw malformed('The content type has no boundary.', cause)
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
  const left = new AbortController()
  const file = firstFile(parser)
  const refuse = () => parser.destroy(new Error('The form has another field than `file`'))
  parser.on('field', refuse).on('fieldsLimit', refuse).on('partsLimit', refuse)
  const parsed = pipeline(body, parser, { signal: left.signal }).catch((cause) => {
    throw malformed('The form is incomplete or contains something other than the field `file`.', cause)
  })
  // Awaited below, or not at all if the reader leaves.
  parsed.catch(() => {})
  const part = await Promise.race([file, parsed])
  if (part?.field === 'file') return { ...part, content: throughTheEnd(part.content, parsed, left) }
  left.abort()
  throw malformed('The form has no file in the field `file`.')
}

async function* throughTheEnd(content: AsyncIterable<Uint8Array>, parsed: Promise<void>, left: AbortController) {
  try {
    yield* content
    await parsed
  } finally {
    left.abort()
  }
}
