import { z } from '@hono/zod-openapi'
import type { FileLink, FileMetadata } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { toTimestamp } from '../src/core/timestamp'
import { FileId, Timestamp } from './ids'
import { pageOf } from './page'
import { text } from './text'

// Means the same with and without Unicode mode, as clients check patterns in either.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a name must not have
const nameCharacters = /^[^\u0000-\u001f\u007f-\u009f/\\]+$/

export const FileName = text(1, limits.fileNameCharactersMax)
  .regex(nameCharacters, { message: 'A name without slashes and control characters.' })
  .openapi({ description: 'What the user calls the file.', example: 'lighthouse.jpg' })

export const FileUrl = z.url().openapi({
  description:
    'A signed link to the bytes that an `<img>` can load. It lives for about an hour; a later answer carries a fresh one.',
  example:
    'https://api.example.com/v1/files/fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ?expires=1795515300&signature=q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE',
})

export const File = z
  .object({
    id: FileId,
    name: FileName,
    contentType: z.string().openapi({
      description:
        'The type the bytes show (images, audio, video and PDF); otherwise the type that was declared, and `application/octet-stream` where that is one a browser would run.',
      example: 'image/jpeg',
    }),
    size: z.int().min(0).openapi({ description: 'Bytes.', example: 48213 }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .openapi({
        description: 'SHA-256 of the bytes, in lower-case hex.',
        example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      }),
    url: FileUrl,
    createdAt: Timestamp,
  })
  // `File` would hide the browser's own type in generated clients.
  .openapi('StoredFile', { description: 'An uploaded file. Its bytes never change.' })
export type File = z.infer<typeof File>

export const toFile = ({ fileId, createdAt, ...measured }: FileMetadata, link: FileLink): File => ({
  id: fileId,
  name: measured.name,
  contentType: measured.contentType,
  size: measured.size,
  sha256: measured.sha256,
  url: link(fileId),
  createdAt: toTimestamp(createdAt),
})

export const StorageUsage = z
  .object({
    bytes: z.int().min(0).openapi({ description: 'Bytes taken, those of uploads under way included.', example: 48213 }),
    bytesMax: z.int().min(0).openapi({ description: 'Bytes that the user may store.', example: 5368709120 }),
    files: z.int().min(0).openapi({ description: 'Files stored.', example: 1 }),
  })
  .openapi('StorageUsage', { description: 'How full the storage of the user is.' })
export type StorageUsage = z.infer<typeof StorageUsage>

export const Files = pageOf(File, { items: 'The files of this page.' })
  .extend({ usage: StorageUsage })
  .openapi('Files', { description: 'A page of the files of the user, newest first.' })
export type Files = z.infer<typeof Files>

export const FileParams = z.object({ fileId: FileId })

const binary = { type: 'string', format: 'binary' } as const

/**
 * Plain schemas, no Zod: a form that is declared in Zod is read whole into memory before the handler runs. Raw bytes have
 * none (OpenAPI 3.1.1, “Working with Binary Data”): generators would join it with the form to a type that cannot be sent.
 */
export const uploadContent = {
  'multipart/form-data': {
    schema: {
      type: 'object' as const,
      required: ['file'],
      properties: {
        file: { ...binary, description: 'The bytes; the filename and the type of this part are those of the file.' },
      },
    },
  },
  '*/*': {},
}

/** The bytes of a file, whatever they are. */
export const fileContent = {
  '*/*': { schema: z.unknown().openapi(binary) },
}
