import { createHash } from 'node:crypto'
import * as files from '../../../repositories/files'
import { cleanContent, cleanPieces } from '../../core/clean-picture'
import { ProblemError, problem, refusedField } from '../../core/errors'
import { limits } from '../../core/limits'
import { UnusablePicture } from '../../core/media/pieces'

/**
 * Profiles show a copy of a picture without its metadata: whoever holds a link to it learns nothing of where and when it
 * was taken. The copy is made once, before a profile shows the picture, or for the first who asks for one that a profile
 * has shown since before there were copies. Making it again makes the same, and it is removed with its file.
 *
 * A file can be removed while its copy is made. So whoever has made one looks whether the file is still there. If they
 * die before, the copy goes nevertheless: the bytes of a picture are removed twice, and the second time is later than a
 * copy of what was there the first time can take.
 */

type Open = () => AsyncIterable<Uint8Array>

/** What reads an original: from memory if it is small, otherwise from the bucket each time. */
async function opened(bucket: R2Bucket, { key, size }: files.StoredFile): Promise<Open> {
  async function* stream() {
    const body = size > 0 ? await files.read(bucket, key, { offset: 0, length: size }) : null
    if (!body) throw new UnusablePicture('The picture is gone')
    yield* body
  }
  if (size > limits.filePartBytes) return stream
  const parts: Uint8Array[] = []
  for await (const part of stream()) parts.push(part)
  return async function* () {
    yield* parts
  }
}

async function* until(deadline: number, content: AsyncIterable<Uint8Array>) {
  for await (const chunk of content) {
    yield chunk
    if (Date.now() > deadline) throw problem('service_unavailable', { detail: 'Copying the picture took too long.' })
  }
}

async function sha256Of(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of content) hash.update(chunk)
  return hash.digest('hex')
}

async function make(bucket: R2Bucket, original: files.StoredFile) {
  const deadline = Date.now() + limits.avatarCopyMs
  const open = await opened(bucket, original)
  const pieces = await cleanPieces(original.contentType, open())
  const copied = () => until(deadline, cleanContent(open(), pieces))
  const { contentType, key } = original
  // The name of a photo can tell when it was taken.
  const name = `avatar.${contentType.slice('image/'.length)}`
  const source = { name, contentType, bytesMax: pieces.size, sha256: await sha256Of(copied()), content: copied() }
  await files.write(bucket, files.avatarKey(key), source, async () => {})
}

/** Finds the copy of a picture, and makes it if there is none. Returns null if there is no file. */
async function findOrMake(bucket: R2Bucket, fileId: string): Promise<files.StoredFile | null> {
  const made = await files.find(bucket, files.avatarKey(fileId))
  if (made) return made
  const original = await files.find(bucket, fileId)
  if (!original) return null
  await make(bucket, original)
  if (await files.find(bucket, fileId)) return files.find(bucket, files.avatarKey(fileId))
  await files.remove(bucket, [fileId])
  return null
}

/** What the bucket could not do is to be tried again. */
async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    if (cause instanceof ProblemError || cause instanceof UnusablePicture) throw cause
    throw problem('service_unavailable', { cause })
  }
}

/** Finds the copy of a picture that a profile shows, or showed; null for one that cannot be shown. */
export async function findAvatar(bucket: R2Bucket, fileId: string): Promise<files.StoredFile | null> {
  try {
    return await orUnavailable(findOrMake(bucket, fileId))
  } catch (error) {
    if (error instanceof UnusablePicture) return null
    throw error
  }
}

/** Returns the copy of a picture of the caller's, which is made if there is none. Refuses one that is cut off or malformed. */
export async function prepareAvatar(bucket: R2Bucket, fileId: string): Promise<files.StoredFile> {
  const made = await findAvatar(bucket, fileId)
  if (made) return made
  throw refusedField('avatar_unusable', '/avatarFileId', 'The picture is cut off or malformed.')
}
