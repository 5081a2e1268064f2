import { z } from '@hono/zod-openapi'
import type { FileLink, FileMetadata } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { misleadingInFileName } from '../src/core/shown-text'
import { toTimestamp } from '../src/core/timestamp'
import { FileId, Timestamp } from './ids'
import { pageOf } from './page'
import { text, unmisleading } from './text'

// Means the same with and without Unicode mode, because clients check patterns in either mode.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a name must not contain them
const nameCharacters = /^[^\u0000-\u001f\u007f-\u009f/\\]+$/

export const FileName = text(1, limits.fileNameCharactersMax)
  .regex(nameCharacters, { message: 'Must not contain slashes or control characters.' })
  .openapi({ description: 'The name of the file.', example: 'lighthouse.jpg' })

/** Of a file that is uploaded. */
export const NewFileName = unmisleading(FileName, misleadingInFileName)

export const FileUrl = z.url().openapi({
  description:
    'A signed link to the bytes that an `<img>` can load. It is made for you, and valid for about an hour while you may read the file; later responses carry a fresh one.',
  example:
    'https://api.example.com/v1/files/fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ?expires=1795515300&reader=usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC&signature=q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE',
})

export const File = z
  .object({
    id: FileId,
    name: FileName,
    contentType: z.string().openapi({
      description:
        'The type detected from the bytes (images, audio, video, and PDF); otherwise the declared type, or `application/octet-stream` if the declared type is one that a browser would run.',
      example: 'image/jpeg',
    }),
    size: z.int().min(0).openapi({ description: 'Size in bytes.', example: 48213 }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .openapi({
        description: 'SHA-256 of the bytes, in lowercase hex.',
        example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      }),
    url: FileUrl,
    createdAt: Timestamp,
  })
  // `File` would shadow the browser's own type in generated clients.
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
    bytes: z.int().min(0).openapi({ description: 'Bytes used, including uploads in progress.', example: 48213 }),
    bytesMax: z.int().min(0).openapi({ description: 'Bytes that you can store.', example: 5368709120 }),
    files: z.int().min(0).openapi({ description: 'Number of stored files.', example: 1 }),
  })
  .openapi('StorageUsage', { description: 'How much of your storage is used.' })
export type StorageUsage = z.infer<typeof StorageUsage>

export const Files = pageOf(File, { items: 'The files on this page.' })
  .extend({ usage: StorageUsage })
  .openapi('Files', { description: 'A page of your files, newest first.' })
export type Files = z.infer<typeof Files>

export const FileParams = z.object({ fileId: FileId })

const binary = { type: 'string', format: 'binary' } as const

/**
 * Plain schemas, not Zod: a form declared in Zod is read into memory as a whole before the handler runs. Raw bytes have
 * no schema (OpenAPI 3.1.1, “Working with Binary Data”): generators would merge it with the form into a type that cannot
 * be sent.
 */
export const uploadContent = {
  'multipart/form-data': {
    schema: {
      type: 'object' as const,
      required: ['file'],
      properties: {
        file: {
          ...binary,
          description: 'The bytes. The filename and the content type of this part become those of the file.',
        },
      },
    },
  },
  '*/*': {},
}

/** The bytes of a file, whatever they are. */
export const fileContent = {
  '*/*': { schema: z.unknown().openapi(binary) },
}
