import { createHash } from 'node:crypto'
import { contentTypeOf } from '../src/core/content-type'
import { limits } from '../src/core/limits'
import type { ByteRange } from '../src/core/ranges'

/** What the bucket knows of a file. Its name and type travel with it, so that a signed link needs no other look-up. */
export interface StoredFile {
  name: string
  contentType: string
  size: number
  /** A strong entity tag, with its quotes. */
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

/** The bytes of a part that is not empty; null when the file is gone. */
export async function read(bucket: R2Bucket, fileId: string, range: ByteRange): Promise<ReadableStream | null> {
  const object = await bucket.get(fileId, { range })
  if (!object) return null
  return object.body.pipeThrough(new FixedLengthStream(range.length))
}

/** Removes files; those that are not there are no fault. */
export const remove = (bucket: R2Bucket, fileIds: string[]) => bucket.delete(fileIds)

export interface Source {
  name: string
  /** As declared. */
  contentType: string | null
  /** What the content takes at most. */
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
 * Writes a file and measures it on the way: at once when it is small, else in parts, of which two are in memory. Asks
 * for the space (`cover`) before it writes. A failure leaves nothing to read.
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
    // Lets go of the source. Not awaited: a sender that has stalled would keep the answer waiting.
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
    // R2 drops what is never completed after a week by itself, if this fails as well.
    await upload.abort().catch(() => {})
    throw error
  }
}

/**
 * Content in equal parts, the last one excepted, as R2 demands. Two buffers take turns: a part is good until the second
 * one after it is asked for.
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
