import { createHash } from 'node:crypto'
import { contentTypeOf } from '../src/core/content-type'
import type { MediaFacts } from '../src/core/file-metadata'
import { limits } from '../src/core/limits'
import { measuredFacts } from '../src/core/media-facts'
import type { ByteRange } from '../src/core/ranges'

/**
 * What the bucket knows about a file. Its name and type are stored with it, so that a signed link needs no other
 * lookup.
 */
export interface StoredFile {
  key: string
  name: string
  contentType: string
  size: number
  /** A strong entity tag, including its quotes. */
  etag: string
  lastModified: Date
  /** Of the bytes, in hexadecimal, where the bucket knows it: only of copies. */
  sha256: string | null
}

/** The key of the copy of a picture that profiles show. It is removed with the file. */
export const avatarKey = (fileId: string) => `${fileId}.avatar`

/** Finds a file by its id, or a copy by its key. */
export async function find(bucket: R2Bucket, key: string): Promise<StoredFile | null> {
  const object = await bucket.head(key)
  return (
    object && {
      key,
      name: decodeURIComponent(object.customMetadata?.['name'] ?? key),
      contentType: object.httpMetadata?.contentType ?? 'application/octet-stream',
      size: object.size,
      etag: object.httpEtag,
      lastModified: object.uploaded,
      sha256: object.customMetadata?.['sha256'] ?? null,
    }
  )
}

/** Reads a range that is not empty. Returns null if the file is gone. */
export async function read(bucket: R2Bucket, key: string, range: ByteRange): Promise<ReadableStream | null> {
  const object = await bucket.get(key, { range })
  if (!object) return null
  return object.body.pipeThrough(new FixedLengthStream(range.length))
}

/** Removes files, with their copies. Idempotent: succeeds if they do not exist. */
export const remove = (bucket: R2Bucket, fileIds: readonly string[]) =>
  bucket.delete(fileIds.flatMap((fileId) => [fileId, avatarKey(fileId)]))

export interface Source {
  name: string
  /** As declared. */
  contentType: string | null
  /** The maximum size of the content. */
  bytesMax: number
  content: AsyncIterable<Uint8Array>
  /** Of the content, to be found again; if it is known before the content. */
  sha256?: string
}

export interface Written extends Omit<MediaFacts, 'blurHash'> {
  contentType: string
  size: number
  sha256: string
}

type NextPart = () => Promise<Uint8Array | undefined>

/**
 * Writes a file and measures it on the way: at once if it is small, otherwise in parts, two of which are in memory.
 * Asks for the space (`cover`) before it writes. A failure leaves nothing readable behind.
 */
export async function write(
  bucket: R2Bucket,
  key: string,
  { name, contentType: declared, bytesMax, content, sha256 }: Source,
  cover: (bytes: number) => Promise<void>,
): Promise<Written> {
  const parts = inParts(content, Math.min(limits.filePartBytes, Math.max(bytesMax, 1)))
  const hash = createHash('sha256')
  let size = 0
  const next: NextPart = async () => {
    const { value: part } = await parts.next()
    if (!part) return undefined
    hash.update(part)
    size += part.length
    await cover(size)
    return part
  }
  try {
    const first = (await next()) ?? new Uint8Array()
    const contentType = contentTypeOf(first, declared)
    // The buffer of the first part is used again.
    const head = first.slice(0, limits.mediaHeadBytesMax)
    const second = await next()
    const customMetadata = { name: encodeURIComponent(name), ...(sha256 !== undefined && { sha256 }) }
    const metadata = { httpMetadata: { contentType }, customMetadata }
    if (second) await writeParts(await bucket.createMultipartUpload(key, metadata), first, second, next)
    else await bucket.put(key, first, metadata)
    return { contentType, size, sha256: hash.digest('hex'), ...measuredFacts(head, contentType, size) }
  } finally {
    // Releases the source. Not awaited, because a stalled sender would delay the response.
    parts.return().catch(() => {})
  }
}

async function writeParts(upload: R2MultipartUpload, first: Uint8Array, second: Uint8Array, next: NextPart) {
  try {
    const uploaded = [await upload.uploadPart(1, first)]
    let part: Uint8Array | undefined = second
    while (part) {
      const [done, following]: [R2UploadedPart, Uint8Array | undefined] = await Promise.all([
        upload.uploadPart(uploaded.length + 1, part),
        next(),
      ])
      uploaded.push(done)
      part = following
    }
    await upload.complete(uploaded)
  } catch (error) {
    // If this fails too, R2 discards an upload that is never completed on its own, after a week.
    await upload.abort().catch(() => {})
    throw error
  }
}

/**
 * Yields the content in equal parts, except for the last, as R2 requires. Two buffers take turns: a part is valid until
 * the second part after it is requested.
 */
async function* inParts(content: AsyncIterable<Uint8Array>, partBytes: number) {
  const buffers: Uint8Array<ArrayBuffer>[] = []
  let turn = 0
  let part = new Uint8Array()
  let filled = 0
  for await (const chunk of content) {
    for (let rest = chunk; rest.length > 0; ) {
      if (filled === 0) part = buffers[turn++ % 2] ??= new Uint8Array(partBytes)
      const taken = rest.subarray(0, partBytes - filled)
      part.set(taken, filled)
      filled += taken.length
      rest = rest.subarray(taken.length)
      if (filled < partBytes) continue
      yield part
      filled = 0
    }
  }
  if (filled > 0) yield part.subarray(0, filled)
}
