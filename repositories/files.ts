import { createHash } from 'node:crypto'
import { contentTypeOf } from '../src/core/content-type'
import { limits } from '../src/core/limits'
import type { ByteRange } from '../src/core/ranges'

/**
 * What the bucket knows about a file. Its name and type are stored with it, so that a signed link needs no other
 * lookup.
 */
export interface StoredFile {
  name: string
  contentType: string
  size: number
  /** A strong entity tag, including its quotes. */
  etag: string
  lastModified: Date
}

export async function find(bucket: R2Bucket, fileId: string): Promise<StoredFile | null> {
  const object = await bucket.head(fileId)
  return (
    object && {
      name: decodeURIComponent(object.customMetadata?.['name'] ?? fileId),
      contentType: object.httpMetadata?.contentType ?? 'application/octet-stream',
      size: object.size,
      etag: object.httpEtag,
      lastModified: object.uploaded,
    }
  )
}

/** Reads a range that is not empty. Returns null if the file is gone. */
export async function read(bucket: R2Bucket, fileId: string, range: ByteRange): Promise<ReadableStream | null> {
  const object = await bucket.get(fileId, { range })
  if (!object) return null
  return object.body.pipeThrough(new FixedLengthStream(range.length))
}

/** Removes files. Idempotent: succeeds if they do not exist. */
export const remove = (bucket: R2Bucket, fileIds: string[]) => bucket.delete(fileIds)

export interface Source {
  name: string
  /** As declared. */
  contentType: string | null
  /** The maximum size of the content. */
  bytesMax: number
  content: AsyncIterable<Uint8Array>
}

export interface Written {
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
  fileId: string,
  { name, contentType: declared, bytesMax, content }: Source,
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
    const second = await next()
    const metadata = { httpMetadata: { contentType }, customMetadata: { name: encodeURIComponent(name) } }
    if (second) await writeParts(await bucket.createMultipartUpload(fileId, metadata), first, second, next)
    else await bucket.put(fileId, first, metadata)
    return { contentType, size, sha256: hash.digest('hex') }
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
