import { z } from '@hono/zod-openapi'
import { type FileLink, type FileMetadata, type MediaFacts, mediaFactsOf } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { plainFileName } from '../src/core/shown-text'
import { toTimestamp } from '../src/core/timestamp'
import { FileId, GroupId, Timestamp } from './ids'
import { bytes, count } from './integers'
import { pageOf } from './page'
import { queryInteger } from './query'
import { text } from './text'

// Means the same with and without Unicode mode, because clients check patterns in either mode.
// biome-ignore lint/suspicious/noControlCharactersInRegex: a name must not contain them
const nameCharacters = /^[^\u0000-\u001f\u007f-\u009f/\\]+$/

export const FileName = text(1, limits.fileNameCharactersMax)
  .regex(nameCharacters, { message: 'Must not contain slashes or control characters.' })
  .openapi({ description: 'The name of the file.', example: 'lighthouse.jpg' })

const unnamed = 'file'

/** Of a file that is uploaded, whether it is in the query or in a form: what is visible of it, or `file`. */
export const NewFileName = text(0, limits.fileNameCharactersMax, (name) => plainFileName(name) || unnamed).openapi({
  example: 'lighthouse.jpg',
})

export const FileUrl = z.url().openapi({
  description:
    'A signed link to the bytes that an `<img>` can load. It is made for you, and valid for about an hour while you may read the file; later responses carry a fresh one.',
  example:
    'https://api.example.com/v1/files/fil_01KAT5P2C3N8W5R7Y1Z4M6D9TQ?expires=1795515300&reader=usr_01KAT5K6ZQ8Q4V3N7B2YH1M0XC&signature=q3Zk0cE2vY1sX8nB5mL7tR4wJ6hG9dF0aP2uI1oK3xE',
})

const Pixels = z.int().min(1).max(limits.mediaPixelsMax)
const DurationMs = z.int().min(1).max(limits.mediaDurationMsMax)

// Means the same with and without Unicode mode.
const blurHashCharacters = new RegExp(`^[0-9A-Za-z#$%*+,\\-.:;=?@[\\]^_{|}~]{6,${limits.blurHashCharactersMax}}$`)

const BlurHash = z.string().regex(blurHashCharacters, {
  message: `Must be 6 to ${limits.blurHashCharactersMax} characters of BlurHash’s base 83.`,
})

/** What is known of a picture or recording. */
export const mediaFacts = {
  width: Pixels.nullable().openapi({
    format: 'int32',
    description:
      'Width in pixels, as the picture or video is shown: after its orientation is applied. Null if unknown, as `height` is then too.',
    example: 640,
  }),
  height: Pixels.nullable().openapi({
    format: 'int32',
    description: 'Height in pixels, in the same sense.',
    example: 420,
  }),
  durationMs: DurationMs.nullable().openapi({
    format: 'int32',
    description: 'Duration of audio or video in milliseconds; null if it has none or it is unknown.',
    example: null,
  }),
  blurHash: BlurHash.nullable().openapi({
    description:
      'A [BlurHash](https://blurha.sh) to show until the picture or video has loaded, as the uploader gave it; null if they gave none.',
    example: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
  }),
}

export const File = z
  .object({
    id: FileId,
    name: FileName,
    contentType: z.string().openapi({
      description:
        'The type detected from the bytes (images, audio, video, and PDF); otherwise the declared type, or `application/octet-stream` if the declared type is one that a browser would run.',
      example: 'image/jpeg',
    }),
    size: bytes().openapi({ description: 'Size in bytes.', example: 48213 }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .openapi({
        description: 'SHA-256 of the bytes, in lowercase hex.',
        example: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      }),
    ...mediaFacts,
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
  ...mediaFactsOf(measured),
  url: link(fileId),
  createdAt: toTimestamp(createdAt),
})

export const StorageUsage = z
  .object({
    bytes: bytes().openapi({ description: 'Bytes used, including uploads in progress.', example: 48213 }),
    bytesMax: bytes().openapi({ description: 'Bytes that you can store.', example: 5368709120 }),
    files: count().openapi({ description: 'Number of stored files.', example: 1 }),
  })
  .openapi('StorageUsage', { description: 'How much of your storage is used.' })
export type StorageUsage = z.infer<typeof StorageUsage>

export const Files = pageOf(File, { items: 'The files on this page.' })
  .extend({ usage: StorageUsage })
  .openapi('Files', { description: 'A page of your files, newest first.' })
export type Files = z.infer<typeof Files>

const integer = (max: number, description: string) =>
  queryInteger(1, max).optional().openapi({ param: { description }, format: 'int32' })

const base83 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~'

/** The first character says how many components a BlurHash has, each of which takes two. */
function hasLengthOfItsFlag(blurHash: string): boolean {
  const flag = base83.indexOf(blurHash.charAt(0))
  return blurHash.length === 4 + 2 * ((flag % 9) + 1) * (Math.floor(flag / 9) + 1)
}

const unread = 'What the bytes say takes precedence.'

export const UploadQuery = z
  .strictObject({
    name: NewFileName.optional().openapi({
      description:
        'The name of the file. Takes precedence over the filename in a form; without either, the name is `file`. Of a path, the last part is taken. Control characters are dropped, and so are those that change the direction of what follows, because they can disguise the ending.',
    }),
    width: integer(
      limits.mediaPixelsMax,
      `Width in pixels, as the picture or video is shown. Only together with \`height\`. ${unread}`,
    ),
    height: integer(
      limits.mediaPixelsMax,
      `Height in pixels, as the picture or video is shown. Only together with \`width\`. ${unread}`,
    ),
    durationMs: integer(limits.mediaDurationMsMax, `Duration in milliseconds. ${unread}`),
    blurHash: BlurHash.refine(hasLengthOfItsFlag, {
      message: 'Does not have the length that its first character says.',
    })
      .optional()
      .openapi({
        param: {
          description: 'A [BlurHash](https://blurha.sh) of the picture or video, percent-encoded like any parameter.',
        },
        example: 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      }),
  })
  .refine(({ width, height }) => (width === undefined) === (height === undefined), {
    message: 'Give both width and height, or neither.',
    path: ['width'],
  })

/** What the uploader says of a file. */
export const givenFacts = ({ width, height, durationMs, blurHash }: z.infer<typeof UploadQuery>): MediaFacts => ({
  width: width ?? null,
  height: height ?? null,
  durationMs: durationMs ?? null,
  blurHash: blurHash ?? null,
})

export const FileParams = z.object({ fileId: FileId })

const binary = { type: 'string', format: 'binary' } as const
const anyBytes = 'application/octet-stream'

/**
 * Plain schemas, not Zod: a form declared in Zod is read into memory as a whole before the handler runs. Raw bytes can
 * have any content type; the document names the one that generators understand.
 */
export const uploadContent = {
  'multipart/form-data': {
    schema: {
      type: 'object' as const,
      required: ['file'],
      properties: {
        file: {
          ...binary,
          description:
            'The bytes. The filename and the content type of this part become those of the file. Either can be missing, but not both: a part with neither is a text field.',
        },
      },
    },
  },
  [anyBytes]: { schema: { ...binary, description: 'The bytes, under whatever content type the file has.' } },
}

/** The bytes of a file, whatever they are. Their content type is that of the file. */
export const fileContent = {
  [anyBytes]: {
    schema: z.unknown().openapi({ ...binary, description: 'The bytes, under the content type of the file.' }),
  },
}

/** The query parameter for a file of a group. */
export const inGroup = GroupId.optional().openapi({
  description:
    'The group that the file was sent into, if it is in one: its members can read it while they are members.',
})
