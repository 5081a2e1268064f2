import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type { File as StoredFile } from '../../schemas/file'
import type { Me, User } from '../../schemas/user'
import { limits } from '../../src/core/limits'
import { call, send as fetchApi, ok, type Refusal, refused } from '../support/call'
import { delivered, list, pair, send } from '../support/chat-calls'
import { later } from '../support/clock'
import { stubOf } from '../support/delivery-faults'
import * as media from '../support/media'
import { newUser, type TestUser } from '../support/users'

const upload = (as: TestUser, bytes: Uint8Array, name = 'me') =>
  ok<StoredFile>('uploadFile', { raw: bytes, query: { name } }, { as })

const claim = (as: TestUser, avatarFileId: string, more: Partial<Env> = {}) =>
  ok<Me>('updateMe', { body: { avatarFileId } }, { as, env: more })

const copyOf = (fileId: string) => `${fileId}.avatar`

const isStored = async (key: string) => (await env.FILES.head(key)) !== null

const follow = (url: string | null, init: RequestInit = {}, more: Partial<Env> = {}) =>
  fetchApi<Refusal>(new Request(url ?? '', init), { env: more })

const bytesOf = async ({ response }: { response: Response }) => Buffer.from(await response.arrayBuffer())

const read = async (as: TestUser, fileId: string) => bytesOf(await call('getFile', { params: { fileId } }, { as }))

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** The bucket, with other methods in place of its own. */
const bucketWith = (methods: Partial<Record<keyof R2Bucket, unknown>>) => ({
  FILES: new Proxy(env.FILES, {
    get: (bucket, name) => Reflect.get(methods, name) ?? Reflect.get(bucket, name).bind(bucket),
  }),
})

const lost = async () => {
  throw new Error('The call was lost')
}

const photo = media.jpeg({ metadata: true, orientation: 1 })
const cleaned = media.jpeg()

/** A user whose profile has shown a picture since before pictures were cleaned. */
async function withOldAvatar(bytes: Uint8Array) {
  const user = await newUser()
  const { id } = await upload(user, media.jpeg({ width: 9 }))
  const { avatarUrl } = await claim(user, id)
  await env.FILES.delete(copyOf(id))
  await env.FILES.put(id, bytes, { httpMetadata: { contentType: 'image/jpeg' } })
  return { user, id, avatarUrl }
}

describe('a profile picture', () => {
  test.each<[string, (look?: media.Look) => Buffer]>([
    ['JPEG', media.jpeg],
    ['PNG', media.png],
    ['GIF', media.gif],
    ['WebP', media.webp],
  ])('of type %s is shown to others without its metadata, and stays as it was for its owner', async (_, picture) => {
    const [owner, stranger] = await pair()
    const original = picture({ metadata: true })
    const { id } = await upload(owner, original)
    const { avatarUrl } = await claim(owner, id)
    const shown = await bytesOf(await follow(avatarUrl))
    expect(shown.includes(media.secret)).toBe(false)
    expect(shown).toEqual(picture())
    expect(await read(stranger, id)).toEqual(shown)
    expect(await read(owner, id)).toEqual(original)
  })

  test('is served with the length, the entity tag and the ranges of what is shown', async () => {
    const owner = await newUser()
    const { id } = await upload(owner, photo)
    const { avatarUrl } = await claim(owner, id)
    const head = await follow(avatarUrl, { method: 'HEAD' })
    expect([head.status, head.headers.get('Content-Length')]).toEqual([200, String(cleaned.length)])
    expect(head.headers.get('Content-Type')).toBe('image/jpeg')
    expect(head.headers.get('Content-Disposition')).toContain('avatar.jpeg')
    const etag = head.headers.get('ETag') ?? ''
    expect(etag).not.toBe((await call('getFile', { params: { fileId: id } }, { as: owner })).headers.get('ETag'))
    expect((await follow(avatarUrl, { headers: { 'If-None-Match': etag } })).status).toBe(304)
    const part = await follow(avatarUrl, { headers: { Range: 'bytes=10-29', 'If-Range': etag } })
    expect(part.headers.get('Content-Range')).toBe(`bytes 10-29/${cleaned.length}`)
    expect(await bytesOf(part)).toEqual(cleaned.subarray(10, 30))
    const beyond = await follow(avatarUrl, { headers: { Range: `bytes=${cleaned.length}-` } })
    expect([beyond.status, beyond.headers.get('Content-Range')]).toEqual([416, `bytes */${cleaned.length}`])
  })

  test('is described to others as what they can read', async () => {
    const [owner, stranger] = await pair()
    const { id } = await upload(owner, photo, 'PXL_20261130_134200.jpg')
    await claim(owner, id)
    const info = await ok<StoredFile>('getFileInfo', { params: { fileId: id } }, { as: stranger })
    expect(info).toMatchObject({
      size: cleaned.length,
      sha256: sha256(cleaned),
      contentType: 'image/jpeg',
      name: 'avatar.jpeg',
    })
    expect(await bytesOf(await follow(info.url))).toEqual(cleaned)
    const own = await ok<StoredFile>('getFileInfo', { params: { fileId: id } }, { as: owner })
    expect(own).toMatchObject({ size: photo.length, sha256: sha256(photo), name: 'PXL_20261130_134200.jpg' })
    expect(await bytesOf(await follow(own.url))).toEqual(photo)
  })

  test('that is also in a message reaches its readers as it was sent', async () => {
    const [owner, reader] = await pair()
    const { id } = await upload(owner, photo)
    await claim(owner, id)
    await send(owner, reader, 'look', { attachmentFileIds: [id] })
    await delivered(owner, reader)
    const [message] = (await list(reader, owner)).items
    expect(await bytesOf(await follow(message?.attachments[0]?.url ?? ''))).toEqual(photo)
    expect(await read(reader, id)).toEqual(photo)
    const { avatarUrl } = await ok<User>('getUser', { params: { userId: owner.id } }, { as: reader })
    expect(await bytesOf(await follow(avatarUrl))).toEqual(cleaned)
  })

  test('of any size is cleaned, a part at a time', async () => {
    const owner = await newUser()
    const data = Buffer.alloc(2 * limits.filePartBytes + 12_345)
    for (let at = 0; at < data.length; at += 65_536) crypto.getRandomValues(data.subarray(at, at + 65_536))
    const picture = (...texts: Uint8Array[]) =>
      media.join(
        media.pngSignature,
        media.pngChunk('IHDR', Buffer.alloc(13)),
        ...texts,
        media.pngChunk('IDAT', data),
        media.pngChunk('IEND'),
      )
    const { id } = await upload(owner, picture(media.pngChunk('tEXt', media.secret)))
    const { avatarUrl } = await claim(owner, id)
    const shown = await follow(avatarUrl)
    expect(shown.headers.get('Content-Length')).toBe(String(picture().length))
    expect(sha256(await bytesOf(shown))).toBe(sha256(picture()))
  })
})

describe('a picture that cannot be cleaned', () => {
  test.each<[string, Uint8Array]>([
    ['is cut off', photo.subarray(0, 300)],
    ['is malformed', media.join(media.pngSignature, media.pngChunk('IDAT', 'x'), media.pngChunk('IEND'))],
  ])('because it %s is refused, and changes nothing', async (_, bytes) => {
    const owner = await newUser()
    const { id: former } = await upload(owner, photo)
    await claim(owner, former)
    const { id } = await upload(owner, bytes)
    const change = { avatarFileId: id, firstName: 'Ana' }
    const { body } = await refused('updateMe', 'avatar_unusable', { body: change }, { as: owner })
    expect(body.errors).toMatchObject([{ pointer: '/avatarFileId', code: 'avatar_unusable' }])
    expect(await ok<Me>('getMe', {}, { as: owner })).toMatchObject({ avatarFileId: former, firstName: null })
    expect(await isStored(copyOf(id))).toBe(false)
    await ok('deleteFile', { params: { fileId: id } }, { as: owner })
  })

  test('tells a stranger nothing of the files of others', async () => {
    const [owner, stranger] = await pair()
    const broken = await upload(owner, photo.subarray(0, 300))
    const whole = await upload(owner, photo)
    const answers = [broken, whole].map(({ id }) =>
      refused('updateMe', 'avatar_unusable', { body: { avatarFileId: id } }, { as: stranger }),
    )
    const [one, other] = (await Promise.all(answers)).map(({ body }) => ({ ...body, requestId: '' }))
    expect(one).toEqual(other)
    expect(await isStored(copyOf(whole.id))).toBe(false)
  })
})

describe('a picture that a profile has shown since before', () => {
  test('is cleaned when it is first served, and once', async () => {
    const { id, avatarUrl } = await withOldAvatar(photo)
    const answers = await Promise.all([1, 2, 3].map(() => follow(avatarUrl)))
    for (const answer of answers) expect(await bytesOf(answer)).toEqual(cleaned)
    expect(await isStored(copyOf(id))).toBe(true)
    const put = bucketWith({ put: lost, createMultipartUpload: lost })
    expect(await bytesOf(await follow(avatarUrl, {}, put))).toEqual(cleaned)
  })

  test('is cleaned for a HEAD and for a stranger with a token, too', async () => {
    const { avatarUrl } = await withOldAvatar(photo)
    const head = await follow(avatarUrl, { method: 'HEAD' })
    expect(head.headers.get('Content-Length')).toBe(String(cleaned.length))
    const { id } = await withOldAvatar(photo)
    expect(await read(await newUser(), id)).toEqual(cleaned)
  })

  test('is not shown at all if it cannot be cleaned', async () => {
    const { user, id, avatarUrl } = await withOldAvatar(photo.subarray(0, 300))
    expect((await follow(avatarUrl)).body).toMatchObject({ code: 'file_not_found' })
    await refused('getFile', 'file_not_found', { params: { fileId: id } }, { as: await newUser() })
    expect(await read(user, id)).toEqual(photo.subarray(0, 300))
    expect(await isStored(copyOf(id))).toBe(false)
  })

  test('is not shown while it cannot be copied', async () => {
    const { avatarUrl } = await withOldAvatar(photo)
    const { status, body } = await follow(avatarUrl, {}, bucketWith({ put: lost }))
    expect([status, body.code]).toEqual([503, 'service_unavailable'])
    expect(await bytesOf(await follow(avatarUrl))).toEqual(cleaned)
  })
})

describe('a copy', () => {
  test.each(['get', 'head', 'put'] as const)(
    'that R2 fails to make by %s leaves the profile as it was',
    async (method) => {
      const owner = await newUser()
      const { id } = await upload(owner, photo)
      const input = { body: { avatarFileId: id } }
      await refused('updateMe', 'service_unavailable', input, { as: owner, env: bucketWith({ [method]: lost }) })
      expect(await ok<Me>('getMe', {}, { as: owner })).toMatchObject({ avatarFileId: null })
      const { avatarUrl } = await claim(owner, id)
      expect(await bytesOf(await follow(avatarUrl))).toEqual(cleaned)
    },
  )

  test('whose maker died before the claim is used by the next attempt', async () => {
    const owner = await newUser()
    const { id } = await upload(owner, photo)
    const diesAfterPut = bucketWith({
      put: async (...input: Parameters<R2Bucket['put']>) => {
        await env.FILES.put(...input)
        throw new Error('The Worker died')
      },
    })
    await refused('updateMe', 'service_unavailable', { body: { avatarFileId: id } }, { as: owner, env: diesAfterPut })
    expect(await isStored(copyOf(id))).toBe(true)
    await claim(owner, id, bucketWith({ put: lost }))
    expect((await ok<Me>('getMe', {}, { as: owner })).avatarFileId).toBe(id)
  })

  test('is given up before a removed file would be cleaned up', async () => {
    expect(limits.avatarCopyMs).toBeLessThan(limits.fileCleanUpMs)
    const owner = await newUser()
    const { id } = await upload(owner, photo)
    const slow = bucketWith({
      get: (...input: Parameters<R2Bucket['get']>) => {
        vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + limits.avatarCopyMs + 1000 })
        return env.FILES.get(...input)
      },
    })
    const answer = refused('updateMe', 'service_unavailable', { body: { avatarFileId: id } }, { as: owner, env: slow })
    await answer.finally(() => vi.useRealTimers())
    expect(await isStored(copyOf(id))).toBe(false)
    await claim(owner, id)
  })

  test('is deleted with its file', async () => {
    const owner = await newUser()
    const { id } = await upload(owner, photo)
    await claim(owner, id)
    await claim(owner, (await upload(owner, photo)).id)
    expect(await isStored(copyOf(id))).toBe(true)
    await ok('deleteFile', { params: { fileId: id } }, { as: owner })
    expect([await isStored(id), await isStored(copyOf(id))]).toEqual([false, false])
  })

  test('is deleted by the alarm if the call that deletes the file fails', async () => {
    const owner = await newUser()
    const { id } = await upload(owner, photo)
    await claim(owner, id)
    await ok('updateMe', { body: { avatarFileId: null } }, { as: owner })
    const input = { params: { fileId: id } }
    await refused('deleteFile', 'internal_error', input, { as: owner, env: bucketWith({ delete: lost }) })
    expect(await isStored(copyOf(id))).toBe(true)
    // The alarm can be busy with the profile.
    const ring = () => later(limits.fileCleanUpMs / 1000 + 1, () => runDurableObjectAlarm(stubOf(owner.id)))
    await expect.poll(async () => [await ring(), await isStored(id)].at(-1)).toBe(false)
    expect(await isStored(copyOf(id))).toBe(false)
  })

  test('is not left behind if the file is deleted while it is made', async () => {
    const { id, avatarUrl } = await withOldAvatar(photo)
    const deleting = bucketWith({
      put: async (...input: Parameters<R2Bucket['put']>) => {
        await env.FILES.delete([id, copyOf(id)])
        return env.FILES.put(...input)
      },
    })
    expect((await follow(avatarUrl, {}, deleting)).body).toMatchObject({ code: 'file_not_found' })
    expect(await isStored(copyOf(id))).toBe(false)
  })

  test('whose maker died while the account was erased goes as well', async () => {
    const owner = await newUser()
    const { id } = await upload(owner, photo)
    await claim(owner, id)
    expect((await call('deleteMe', {}, { as: owner })).status).toBe(204)
    const ring = (minutes: number) => later(60 * minutes, () => runDurableObjectAlarm(stubOf(owner.id)))
    await expect.poll(async () => [await ring(0), await isStored(id)].at(-1)).toBe(false)
    expect(await isStored(copyOf(id))).toBe(false)
    await env.FILES.put(copyOf(id), cleaned)
    const isErased = () =>
      runInDurableObject(
        stubOf(owner.id),
        (_, { storage }) => storage.sql.exec(`SELECT 1 FROM sqlite_master WHERE name = 'tombstone'`).toArray().length,
      )
    await expect.poll(async () => [await ring(10), await isErased()].at(-1)).toBe(1)
    expect(await isStored(copyOf(id))).toBe(false)
  })
})
