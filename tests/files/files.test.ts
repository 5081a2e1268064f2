import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { Files, File as StoredFile } from '../../schemas/file'
import type { Me } from '../../schemas/user'
import { mintId } from '../../src/core/ids'
import { limits } from '../../src/core/limits'
import { openForm } from '../../src/services/files/multipart-form'
import { baseUrl, call, type Input, ok, type Refusal, refused, send } from '../support/call'
import * as chats from '../support/chat-calls'
import { ringUntilDelivered } from '../support/delivery-faults'
import * as media from '../support/media'
import { newUser, type TestUser } from '../support/users'

const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const png = new Uint8Array(media.png())
const ten = latin1('0123456789')

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

interface Upload {
  name?: string
  type?: string
}

const binary = 'application/octet-stream'

const raw = (bytes: Uint8Array, { name, type = bytes.length === 0 ? binary : undefined }: Upload = {}): Input => ({
  raw: bytes,
  query: { name },
  headers: type === undefined ? {} : { 'Content-Type': type },
})

const upload = (user: TestUser, bytes: Uint8Array = ten, details: Upload = {}) =>
  ok<StoredFile>('uploadFile', raw(bytes, details), { as: user })

const form = (...fields: [string, string | File][]): Input => {
  const data = new FormData()
  for (const [field, value] of fields) data.append(field, value)
  return { raw: data }
}

const get = (user: TestUser, fileId: string, headers: Record<string, string> = {}) =>
  call<Refusal>('getFile', { params: { fileId }, headers }, { as: user })

const follow = (url: string, init: RequestInit = {}) => send<Refusal>(new Request(url, init))

const bytesOf = async ({ response }: { response: Response }) => new Uint8Array(await response.arrayBuffer())

const usage = async (user: TestUser) => (await ok<Files>('listFiles', {}, { as: user })).usage

const objects = async () => (await env.FILES.list()).objects.map(({ key }) => key)

const mailbox = (user: TestUser) => env.MAILBOX.getByName(user.id)

const fields = (headers: Headers, ...names: string[]) => names.map((name) => headers.get(name))

afterEach(() => {
  vi.useRealTimers()
})

describe('an upload', () => {
  test('is stored as it was sent and returns what was measured', async () => {
    const user = await newUser()
    const { status, body } = await call<StoredFile>('uploadFile', raw(png, { name: 'lighthouse.png' }), { as: user })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'lighthouse.png',
      contentType: 'image/png',
      size: png.length,
      sha256: sha256(png),
    })
    expect(await bytesOf(await get(user, body.id))).toEqual(png)
    expect(await ok('getFileInfo', { params: { fileId: body.id } }, { as: user })).toEqual(body)
    expect(await usage(user)).toMatchObject({ bytes: png.length, files: 1 })
  })

  test('as a form is stored under the name and type of its part', async () => {
    const user = await newUser()
    const input = form(['file', new File([ten], 'Fähre "2".txt', { type: 'text/plain' })])
    const file = await ok<StoredFile>('uploadFile', input, { as: user })
    expect(file).toMatchObject({ name: 'Fähre "2".txt', contentType: 'text/plain', size: 10, sha256: sha256(ten) })
    expect(await bytesOf(await get(user, file.id))).toEqual(ten)
    const named = await ok<StoredFile>('uploadFile', { ...input, query: { name: 'other.txt' } }, { as: user })
    expect(named.name).toBe('other.txt')
  })

  test('can be empty, either way', async () => {
    const user = await newUser()
    const inputs = [
      raw(new Uint8Array()),
      { headers: { 'Content-Length': '0', 'Content-Type': binary } },
      form(['file', new File([], 'none')]),
    ]
    for (const input of inputs) {
      const file = await ok<StoredFile>('uploadFile', input, { as: user })
      expect(file).toMatchObject({ size: 0, contentType: 'application/octet-stream', sha256: sha256(new Uint8Array()) })
      const answer = await get(user, file.id)
      expect(await bytesOf(answer)).toEqual(new Uint8Array())
      expect(fields(answer.headers, 'Content-Length')).toEqual(['0'])
    }
  })

  test.for([
    limits.filePartBytes - 1,
    limits.filePartBytes,
    limits.filePartBytes + 1,
    2 * limits.filePartBytes,
    2 * limits.filePartBytes + 12_345,
  ])('of %i bytes comes back byte for byte, raw and as a form', async (size) => {
    const user = await newUser()
    const bytes = new Uint8Array(size)
    for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536))
    for (const input of [raw(bytes), form(['file', new File([bytes], 'big')])]) {
      const file = await ok<StoredFile>('uploadFile', input, { as: user })
      expect(file).toMatchObject({ size, sha256: sha256(bytes) })
      expect(sha256(await bytesOf(await get(user, file.id)))).toBe(sha256(bytes))
    }
    expect(await usage(user)).toMatchObject({ bytes: 2 * size, files: 2 })
  })

  test('without a name is called `file`', async () => {
    expect((await upload(await newUser())).name).toBe('file')
  })

  test.for<[string, string]>([
    ['photo_\u202egpj.exe', 'photo_gpj.exe'],
    ['\u2068a\u2069\u200e\u061c.txt', 'a.txt'],
    ['a\u0007b\u0085c.txt', 'abc.txt'],
    ['a/b', 'b'],
    ['C:\\pictures\\a.txt', 'a.txt'],
    ['../../etc/\u202epasswd', 'passwd'],
    ['', 'file'],
    ['\u202e', 'file'],
    [' ', 'file'],
    ['a/', 'file'],
    ['..', 'file'],
    ['a/...', 'file'],
    ['.profile', '.profile'],
    ['\u{1d159}', 'file'],
    ['👨‍👩‍👧.jpg', '👨‍👩‍👧.jpg'],
    ['Fähre\u00a0"2".txt', 'Fähre\u00a0"2".txt'],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('named %j is called %j, in the query and in a form', async ([name, stored]) => {
    const user = await newUser()
    expect((await upload(user, ten, { name })).name).toBe(stored)
    const part = `Content-Disposition: form-data; name="file"; filename="${name.replaceAll('\\', '\\\\').replaceAll('"', '%22')}"`
    const body = new TextEncoder().encode(`--b\r\n${part}\r\n\r\nx\r\n--b--\r\n`)
    expect((await upload(user, body, { type: 'multipart/form-data; boundary=b' })).name).toBe(stored)
  })

  test('is rejected under a name that is too long', async () => {
    const user = await newUser()
    const { body } = await refused('uploadFile', 'invalid_request', raw(ten, { name: 'x'.repeat(256) }), { as: user })
    expect(body.errors?.map(({ pointer }) => pointer)).toContain('/query/name')
  })

  test('without a body is rejected, and leaves nothing behind', async () => {
    const user = await newUser()
    for (const headers of [{ 'Content-Length': '0' }, {}]) {
      const { status } = await call('uploadFile', { query: { name: 'x' }, headers }, { as: user })
      expect([400, 411]).toContain(status)
    }
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
  })

  test('that is raw and has no length is rejected', async () => {
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(ten)
        controller.close()
      },
    })
    await refused('uploadFile', 'length_required', { raw: stream }, { as: await newUser() })
  })

  test('that is too large is rejected before it is read', async () => {
    const user = await newUser()
    const pull = vi.fn(() => new Promise<void>(() => {}))
    const endless = () => new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 })
    const headers = { 'Content-Length': String(limits.fileBytesMax + 1) }
    await refused('uploadFile', 'payload_too_large', { raw: endless(), headers }, { as: user })
    const formHeaders = {
      'Content-Length': String(limits.fileBytesMax + 1_000_000),
      'Content-Type': 'multipart/form-data; boundary=x',
    }
    await refused('uploadFile', 'payload_too_large', { raw: endless(), headers: formHeaders }, { as: user })
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
  })

  test.for([9, 11])('of 10 bytes that declares %i leaves nothing behind', async (length) => {
    const user = await newUser()
    const before = await objects()
    const headers = { 'Content-Length': String(length) }
    const { body } = await refused('uploadFile', 'invalid_request', { raw: ten, headers }, { as: user })
    expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/header/Content-Length'])
    expect(await objects()).toEqual(before)
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
  })

  test.for([
    ['in its first part', 1],
    ['in a later part', 2.5 * limits.filePartBytes],
  ] as const)('that breaks off %s leaves nothing behind', async ([, size]) => {
    const user = await newUser()
    const before = await objects()
    let sent = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent >= size) return controller.error(new Error('The client left'))
        const chunk = new Uint8Array(65_536)
        sent += chunk.length
        controller.enqueue(chunk)
      },
    })
    const headers = { 'Content-Length': String(4 * limits.filePartBytes) }
    const answer = await call('uploadFile', { raw: stream, headers }, { as: user }).catch(() => undefined)
    expect(answer?.status ?? 500).toBeGreaterThanOrEqual(400)
    await vi.waitFor(async () => expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 }))
    expect(await objects()).toEqual(before)
  })

  test('whose write fails although the bytes arrived leaves nothing behind', async () => {
    const user = await newUser()
    const before = await objects()
    const put = async (key: string, value: Uint8Array) => {
      await env.FILES.put(key, value)
      throw new Error('The reply was lost')
    }
    const FILES = new Proxy(env.FILES, {
      get: (bucket, name) => (name === 'put' ? put : Reflect.get(bucket, name).bind(bucket)),
    })
    await refused('uploadFile', 'internal_error', raw(ten), { as: user, env: { FILES } })
    expect(await objects()).toEqual(before)
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
  })

  test('of a user whose session has ended is rejected', async () => {
    const user = await newUser()
    await ok('logout', { body: { refreshToken: user.refreshToken } }, { as: user })
    await refused('uploadFile', 'session_ended', raw(ten), { as: user })
    await refused('uploadFile', 'session_ended', form(['file', new File([ten], 'x')]), { as: user })
  })
})

describe('a form', () => {
  const part = (headers: string, content = 'x') => `--b\r\n${headers}\r\n\r\n${content}\r\n`
  const file = 'Content-Disposition: form-data; name="file"; filename="a.txt"'

  test.for<[string, string, string?]>([
    ['nothing', ''],
    ['no boundary in its type', `${part(file)}--b--\r\n`, 'multipart/form-data'],
    ['another boundary', `${part(file)}--b--\r\n`, 'multipart/form-data; boundary=c'],
    ['no field', '--b--\r\n'],
    ['text instead of a file', `${part('Content-Disposition: form-data; name="file"')}--b--\r\n`],
    ['a file in another field', `${part('Content-Disposition: form-data; name="picture"; filename="a"')}--b--\r\n`],
    ['a field before the file', `${part('Content-Disposition: form-data; name="x"')}${part(file)}--b--\r\n`],
    ['a field after the file', `${part(file)}${part('Content-Disposition: form-data; name="x"')}--b--\r\n`],
    ['two files', `${part(file)}${part(file)}--b--\r\n`],
    ['a part without a disposition', `${part('Content-Type: text/plain')}--b--\r\n`],
    ['an unnamed part after the file', `${part(file)}${part('Content-Type: text/plain')}--b--\r\n`],
    ['no end after the file', `${part(file)}`],
    ['no end in the file', `--b\r\n${file}\r\n\r\nabc`],
    ['no end in the headers', `--b\r\n${file}\r\n`],
    [
      'a name that is too long',
      `${part(`Content-Disposition: form-data; name="file"; filename="${'x'.repeat(256)}"`)}--b--\r\n`,
    ],
  ])('with %s is malformed and leaves nothing behind', async ([, body, type = 'multipart/form-data; boundary=b']) => {
    const user = await newUser()
    const before = await objects()
    await refused('uploadFile', 'malformed_form', raw(latin1(body), { type }), { as: user })
    expect(await objects()).toEqual(before)
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
  })

  test.for<[string, string, string, string]>([
    ['a type and no filename', 'name="file"', 'Content-Type: image/png', 'image/png'],
    ['a type of another file and no filename', 'name="file"', 'content-type:application/zip', 'application/zip'],
    ['a filename and no type', 'name="file"; filename="file"', 'X-More: Content-Type', 'application/octet-stream'],
    ['an empty type', 'name="file"; filename="file"', 'Content-Type:', 'application/octet-stream'],
    ['an empty filename', 'name="file"; filename=""', 'Content-Type: text/plain', 'text/plain'],
    ['the type of text', 'name="file"; filename="file"', 'Content-Type: text/plain; charset=utf-8', 'text/plain'],
    ['an encoding in words', 'name="file"', 'Content-Type: text/csv\r\nContent-Transfer-Encoding: binary', 'text/csv'],
  ])('with %s is a file', async ([, disposition, more, contentType]) => {
    const user = await newUser()
    const content = contentType === 'image/png' ? png : ten
    const head = latin1(`--b\r\nContent-Disposition: form-data; ${disposition}\r\n${more}\r\n\r\n`)
    const body = Buffer.concat([latin1('preamble, content-type: x\r\n'), head, content, latin1('\r\n--b--\r\n')])
    const file = await upload(user, body, { type: 'multipart/form-data; boundary="b"' })
    expect(file).toMatchObject({ name: 'file', contentType, size: content.length, sha256: sha256(content) })
  })

  test.for(['base64', 'quoted-printable', 'Base64'])(
    'in %s is rejected instead of stored encoded',
    async (encoding) => {
      const user = await newUser()
      const body = `${part(`${file}\r\nContent-Transfer-Encoding: ${encoding}`)}--b--\r\n`
      const type = 'multipart/form-data; boundary=b'
      await refused('uploadFile', 'malformed_form', raw(latin1(body), { type }), { as: user })
      expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
    },
  )

  test('with a path as its filename keeps the last part', async () => {
    const user = await newUser()
    for (const path of ['C:\\\\pictures\\\\a.txt', '../../etc/a.txt', '/a.txt']) {
      const body = `${part(`Content-Disposition: form-data; name="file"; filename="${path}"`)}--b--\r\n`
      const type = 'multipart/form-data; boundary=b'
      expect((await upload(user, latin1(body), { type })).name).toBe('a.txt')
    }
  })

  test('is read the same wherever it is cut in two', async () => {
    const content = '\r\n--\r\n--b\r--b\n\r\n-'
    const body = latin1(`--bb\r\n${file}\r\nContent-Type: text/plain\r\n\r\n${content}\r\n--bb--\r\n`)
    for (let cut = 0; cut <= body.length; cut++) {
      const stream = new ReadableStream<Uint8Array>({
        start(controller) {
          for (const half of [body.subarray(0, cut), body.subarray(cut)]) if (half.length > 0) controller.enqueue(half)
          controller.close()
        },
      })
      const opened = await openForm(stream, 'multipart/form-data; boundary=bb')
      const chunks: Uint8Array[] = []
      for await (const chunk of opened.content) chunks.push(chunk)
      expect([cut, opened.name, Buffer.concat(chunks).toString('latin1')]).toEqual([cut, 'a.txt', content])
    }
  })

  const type = 'multipart/form-data; boundary=b'
  const content = 'x'.repeat(300_000)
  const padding = (bytes: number) => ' '.repeat(bytes)
  const headers = (bytes: number) => `${file}\r\nContent-Type: text/plain\r\nX-More: ${padding(bytes)}`

  test.for<[string, (bytes: number) => string]>([
    ['before the part', (bytes) => `${padding(bytes)}\r\n${part(file, content)}--b--\r\n`],
    ['in the headers of the part', (bytes) => `${part(headers(bytes), content)}--b--\r\n`],
    ['after the end', (bytes) => `${part(file, content)}--b--\r\n${padding(bytes)}`],
  ])('can have 16 KiB besides its file, and no more: %s', async ([, body]) => {
    const user = await newUser()
    const most = limits.formOverheadBytesMax - (body(0).length - content.length)
    expect(await upload(user, latin1(body(most)), { type })).toMatchObject({ size: content.length })
    const used = await usage(user)
    const before = await objects()
    for (const bytes of [most + 1, 4 * 1024 * 1024]) {
      const { body: answer } = await refused('uploadFile', 'payload_too_large', raw(latin1(body(bytes)), { type }), {
        as: user,
      })
      expect(answer.detail).toContain('besides its file')
    }
    expect(await objects()).toEqual(before)
    expect(await usage(user)).toEqual(used)
  })

  test.for([
    ['before the part', ''],
    ['in the headers of the part', `--b\r\n${file}\r\nX-More: `],
    ['in the name of a field', '--b\r\nContent-Disposition: form-data; name="'],
    ['after the end', `${part(file)}--b--\r\n`],
  ])('is not read on when it never ends %s', async ([, start]) => {
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = latin1((pulled === 0 ? start : '') + padding(65_536))
        pulled += chunk.length
        if (pulled < 16 * 1024 * 1024) controller.enqueue(chunk)
        else controller.error(new Error('Read too far'))
      },
    })
    const reading = openForm(stream, type).then(async (opened) => {
      for await (const _ of opened.content);
    })
    await expect(reading).rejects.toMatchObject({ code: 'payload_too_large' })
    expect(pulled).toBeLessThan(1024 * 1024)
  })

  test('is read no faster than its file is consumed', async () => {
    let pulled = 0
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const head = pulled === 0 ? `--b\r\n${file}\r\n\r\n` : ''
        const chunk = latin1(head + 'x'.repeat(65_536))
        pulled += chunk.length
        controller.enqueue(chunk)
      },
    })
    const { content } = await openForm(stream, 'multipart/form-data; boundary=b')
    let taken = 0
    for await (const chunk of content) {
      taken += chunk.length
      expect(pulled - taken).toBeLessThan(1024 * 1024)
      if (taken > 16 * 1024 * 1024) break
    }
  })
})

describe('the content of a file', () => {
  test.for([
    ['HTML', '<!doctype html><script>alert(1)</script>', 'text/html', 'application/octet-stream'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/svg+xml', 'application/octet-stream'],
    ['HTML declared as a picture', '<html><script>alert(1)</script>', 'image/png', 'application/octet-stream'],
    ['a script', 'alert(1)', 'text/javascript', 'application/octet-stream'],
    ['a text', 'hello', 'text/plain; charset=utf-8', 'text/plain'],
    ['a PDF', '%PDF-1.7', 'application/pdf', 'application/pdf'],
  ] as const)('never runs: %s is downloaded', async ([, text, type, contentType]) => {
    const user = await newUser()
    const file = await upload(user, latin1(text), { name: 'x.html', type })
    expect(file.contentType).toBe(contentType)
    for (const answer of [await get(user, file.id), await follow(file.url)]) {
      const names = ['Content-Type', 'Content-Disposition', 'X-Content-Type-Options', 'Content-Security-Policy']
      expect(fields(answer.headers, ...names)).toEqual([
        contentType,
        'attachment; filename=x.html',
        'nosniff',
        "default-src 'none'; sandbox",
      ])
    }
  })

  test('is displayed inline when it is a picture, but sandboxed', async () => {
    const user = await newUser()
    const file = await upload(user, png, { name: 'Fähre.png', type: 'text/html' })
    const names = ['Content-Type', 'Content-Disposition', 'Content-Security-Policy', 'Cross-Origin-Resource-Policy']
    expect(fields((await follow(file.url)).headers, ...names)).toEqual([
      'image/png',
      `inline; filename="F?hre.png"; filename*=UTF-8''F%C3%A4hre.png`,
      "default-src 'none'; sandbox",
      'cross-origin',
    ])
  })
})

describe('downloading', () => {
  test('returns length, ETag and date, and HEAD returns the same without the bytes', async () => {
    const user = await newUser()
    const { id, url } = await upload(user)
    const names = ['Content-Length', 'ETag', 'Last-Modified', 'Accept-Ranges', 'Content-Type', 'Content-Disposition']
    const whole = await get(user, id)
    expect(await bytesOf(whole)).toEqual(ten)
    expect(fields(whole.headers, ...names)).toEqual([
      '10',
      expect.stringMatching(/^"[^"]+"$/),
      expect.stringMatching(/ GMT$/),
      'bytes',
      'application/octet-stream',
      'attachment; filename=file',
    ])
    const head = await follow(url, { method: 'HEAD', headers: { Range: 'bytes=0-1' } })
    expect(head.status).toBe(200)
    expect(fields(head.headers, ...names)).toEqual(fields(whole.headers, ...names))
  })

  test.for([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=0-99', '0123456789', 'bytes 0-9/10'],
  ] as const)('%s returns %s', async ([range, text, contentRange]) => {
    const user = await newUser()
    const { id } = await upload(user)
    const answer = await get(user, id, { Range: range })
    expect(answer.status).toBe(206)
    expect(fields(answer.headers, 'Content-Range', 'Content-Length')).toEqual([contentRange, String(text.length)])
    expect(await bytesOf(answer)).toEqual(latin1(text))
  })

  test.for(['bytes=0-1,3-4', 'items=0-1', 'bytes=4-2', 'bytes=x'])('%s returns the whole file', async (range) => {
    const user = await newUser()
    const answer = await get(user, (await upload(user)).id, { Range: range })
    expect(answer.status).toBe(200)
    expect(await bytesOf(answer)).toEqual(ten)
  })

  test('a range outside the file is rejected with the size of the file', async () => {
    const user = await newUser()
    const { id } = await upload(user)
    const input = { params: { fileId: id }, headers: { Range: 'bytes=10-' } }
    const { headers } = await refused('getFile', 'range_not_satisfiable', input, { as: user })
    expect(headers.get('Content-Range')).toBe('bytes */10')
    const empty = await upload(user, new Uint8Array())
    const answer = await get(user, empty.id, { Range: 'bytes=0-' })
    expect([answer.status, answer.headers.get('Content-Range')]).toEqual([416, 'bytes */0'])
    expect((await get(user, empty.id, { Range: 'bytes=-5' })).status).toBe(200)
  })

  test('skips what the client already has, and resumes only what it has a part of', async () => {
    const user = await newUser()
    const { id, url } = await upload(user)
    const { headers } = await get(user, id)
    const [etag, date] = [headers.get('ETag') ?? '', headers.get('Last-Modified') ?? '']
    const statusOf = async (sent: Record<string, string>) => (await get(user, id, sent)).status

    expect(await statusOf({ 'If-None-Match': etag })).toBe(304)
    expect(await statusOf({ 'If-None-Match': `"x", W/${etag}` })).toBe(304)
    expect(await statusOf({ 'If-None-Match': '*', Range: 'bytes=0-1' })).toBe(304)
    expect(await statusOf({ 'If-None-Match': 'not a tag' })).toBe(200)
    expect(await statusOf({ 'If-Modified-Since': date })).toBe(304)
    expect(await statusOf({ 'If-Match': etag })).toBe(200)
    expect(await statusOf({ 'If-Match': `W/${etag}` })).toBe(412)
    expect(await statusOf({ 'If-Unmodified-Since': 'Sun, 06 Nov 1994 08:49:37 GMT' })).toBe(412)
    expect(await statusOf({ 'If-Match': '"x"', Range: 'bytes=90-' })).toBe(412)
    expect(await statusOf({ 'If-Range': etag, Range: 'bytes=0-1' })).toBe(206)
    expect(await statusOf({ 'If-Range': date, Range: 'bytes=0-1' })).toBe(206)
    expect(await statusOf({ 'If-Range': '"x"', Range: 'bytes=0-1' })).toBe(200)
    expect(await statusOf({ 'If-Range': '"x"', Range: 'bytes=90-' })).toBe(200)
    expect((await follow(url, { method: 'HEAD', headers: { 'If-None-Match': etag } })).status).toBe(304)

    const notModified = await get(user, id, { 'If-None-Match': etag })
    expect(fields(notModified.headers, 'ETag', 'Last-Modified', 'Cache-Control')).toEqual(
      fields(headers, 'ETag', 'Last-Modified', 'Cache-Control'),
    )
  })
})

describe('a signed link', () => {
  test('needs no token, and is asked for again at every use', async () => {
    const { url } = await upload(await newUser(), png)
    const answer = await follow(url)
    expect(await bytesOf(answer)).toEqual(png)
    expect(answer.headers.get('Cache-Control')).toBe('private, no-cache, no-transform')
    const etag = answer.headers.get('ETag') ?? ''
    expect((await follow(url, { headers: { 'If-None-Match': etag } })).status).toBe(304)
  })

  test('to a profile picture is cached no longer than it is valid', async () => {
    const user = await newUser()
    const { id } = await upload(user, png)
    const { avatarUrl } = await ok<Me>('updateMe', { body: { avatarFileId: id } }, { as: user })
    const url = avatarUrl ?? ''
    const answer = await follow(url)
    expect(await bytesOf(answer)).toEqual(png)
    const [, maxAge] = /^private, max-age=(\d+), immutable\b/.exec(answer.headers.get('Cache-Control') ?? '') ?? []
    const left = Number(new URL(url).searchParams.get('expires')) - Date.now() / 1000
    expect(Number(maxAge)).toBeLessThanOrEqual(left + 1)
    expect(Number(maxAge)).toBeGreaterThan(left - 60)
  })

  test.each(['&fbclid=x', '&utm_source=mail&utm_medium=x', '&name=Gr%FC%DFe', '&=', '#part'])(
    'opens its file with whatever is appended to it: %s',
    async (appended) => {
      const user = await newUser()
      const { url, id } = await upload(user, png)
      expect(await bytesOf(await follow(url + appended))).toEqual(png)
      const asOwner = { headers: { Authorization: `Bearer ${user.accessToken}` } }
      expect((await follow(url + appended, asOwner)).status).toBe(200)
      if (appended.startsWith('&fbclid'))
        expect((await follow(`${baseUrl}/v1/files/${id}?fbclid=x`, asOwner)).body.code).toBe('invalid_request')
    },
  )

  test('opens nothing once it has expired, is altered or is for another file', async () => {
    const user = await newUser()
    const [file, other] = [await upload(user), await upload(user)]
    const { searchParams } = new URL(file.url)
    const changed = (name: string, value: string) => {
      const url = new URL(file.url)
      url.searchParams.set(name, value)
      return url.href
    }
    const broken = [
      changed('signature', 'x'),
      changed('signature', ''),
      changed('expires', String(Number(searchParams.get('expires')) + 1)),
      changed('expires', 'soon'),
      changed('reader', (await newUser()).id),
      changed('reader', ''),
      file.url.replace(/&reader=[^&]*/, ''),
      file.url.replace(file.id, other.id),
      `${baseUrl}/v1/files/${file.id}?expires=${searchParams.get('expires')}`,
      `${baseUrl}/v1/files/nonsense?${searchParams}`,
    ]
    for (const url of broken) expect([url, (await follow(url)).body.code]).toEqual([url, 'file_not_found'])
    vi.useFakeTimers({ toFake: ['Date'], now: Number(searchParams.get('expires')) * 1000 })
    expect((await follow(file.url)).body.code).toBe('file_not_found')
  })

  test('ends with its reader’s right to the file, and with no one else’s', async () => {
    const [author, reader, other] = [await newUser(), await newUser(), await newUser()]
    const { id } = await upload(author)
    const message = await chats.send(author, reader, 'for you', { attachmentFileIds: [id] })
    await chats.send(author, other, 'and for you', { attachmentFileIds: [id] })
    await chats.delivered(author)
    const linkOf = async (user: TestUser) => (await chats.list(user, author)).items[0]?.attachments[0]?.url ?? ''
    const [readersLink, othersLink] = [await linkOf(reader), await linkOf(other)]
    for (const link of [readersLink, othersLink]) expect((await follow(link)).status).toBe(200)
    await chats.remove(author, reader, message, 'everyone')
    await chats.delivered(author)
    expect((await follow(readersLink)).body.code).toBe('file_not_found')
    expect((await follow(othersLink)).status).toBe(200)
    await ok('deleteMe', {}, { as: other })
    expect((await follow(othersLink)).body.code).toBe('file_not_found')
  })

  test('does not matter when the access token is sufficient, and vice versa', async () => {
    const [owner, stranger] = [await newUser(), await newUser()]
    const { id, url } = await upload(owner)
    const asOwner = { headers: { Authorization: `Bearer ${owner.accessToken}` } }
    expect((await follow(`${baseUrl}/v1/files/${id}?expires=1&signature=${'x'.repeat(43)}`, asOwner)).status).toBe(200)
    const asStranger = { headers: { Authorization: `Bearer ${stranger.accessToken}` } }
    expect((await follow(url, asStranger)).status).toBe(200)
    await refused('getFile', 'unauthenticated', { params: { fileId: id } })
  })
})

describe('a file', () => {
  const sees = async (user: TestUser, fileId: string) => {
    const [bytes, info] = [await get(user, fileId), await call('getFileInfo', { params: { fileId } }, { as: user })]
    expect(info.status).toBe(bytes.status)
    return bytes.status === 200
  }

  test('is indistinguishable to others from one that does not exist', async () => {
    const [owner, stranger] = [await newUser(), await newUser()]
    const { id } = await upload(owner)
    const absent = mintId('file', Date.now())
    for (const operationId of ['getFile', 'getFileInfo']) {
      const [of, without] = [id, absent].map((fileId) =>
        refused(operationId, 'file_not_found', { params: { fileId } }, { as: stranger }),
      )
      const { requestId: _, ...problem } = { requestId: '', ...(await of)?.body }
      const { requestId: __, ...other } = { requestId: '', ...(await without)?.body }
      expect(problem).toEqual(other)
    }
    for (const fileId of [id, absent])
      expect((await call('deleteFile', { params: { fileId } }, { as: stranger })).status).toBe(204)
    expect((await call('getFile', { params: { fileId: id } }, { as: owner })).status).toBe(200)
    expect(await sees(owner, id)).toBe(true)
  })

  test('is readable by whoever got it in a message, until they or its author delete that, or the file is deleted', async () => {
    const [alice, bob, carol] = [await newUser(), await newUser(), await newUser()]
    const [kept, gone, hidden] = [await upload(alice), await upload(alice, png), await upload(alice, png)]
    const attach = async (fileId: string) => {
      const body = { clientMessageId: crypto.randomUUID(), attachmentFileIds: [fileId] }
      const sent = await ok<{ id: string }>('sendMessage', { params: { chatId: bob.id }, body }, { as: alice })
      await ringUntilDelivered([alice.id, bob.id])
      return sent.id
    }
    const messageId = await attach(kept.id)
    await attach(gone.id)
    expect([await sees(bob, kept.id), await sees(bob, gone.id), await sees(carol, kept.id)]).toEqual([
      true,
      true,
      false,
    ])
    await ok('deleteFile', { params: { fileId: kept.id } }, { as: bob })
    expect([await sees(bob, kept.id), await sees(alice, kept.id)]).toEqual([true, true])

    const scope = { params: { chatId: bob.id, messageId }, query: { scope: 'everyone' } }
    await ok('deleteMessage', scope, { as: alice })
    await ringUntilDelivered([alice.id, bob.id])
    expect([await sees(bob, kept.id), await sees(alice, kept.id)]).toEqual([false, true])
    for (let repeat = 0; repeat < 2; repeat++) await ok('deleteFile', { params: { fileId: gone.id } }, { as: alice })
    expect(await sees(bob, gone.id)).toBe(false)

    const params = { chatId: alice.id, messageId: await attach(hidden.id) }
    expect(await sees(bob, hidden.id)).toBe(true)
    await ok('deleteMessage', { params, query: { scope: 'me' } }, { as: bob })
    expect([await sees(bob, hidden.id), await sees(alice, hidden.id)]).toEqual([false, true])
  })

  test('can be attached only by those who can read it through a message', async () => {
    const [alice, bob] = [await newUser(), await newUser()]
    const files = [(await upload(alice)).id, (await upload(bob)).id]
    const body = { clientMessageId: crypto.randomUUID(), attachmentFileIds: files }
    const answer = await refused(
      'sendMessage',
      'attachment_unusable',
      { params: { chatId: bob.id }, body },
      { as: alice },
    )
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(['/attachmentFileIds/1'])
  })

  test('is visible to everybody while it is a profile picture', async () => {
    const [owner, stranger] = [await newUser(), await newUser()]
    const { id } = await upload(owner, png)
    const { avatarUrl, avatarFileId } = await ok<Me>('updateMe', { body: { avatarFileId: id } }, { as: owner })
    expect(avatarFileId).toBe(id)
    expect(await bytesOf(await follow(avatarUrl ?? ''))).toEqual(png)
    expect(await sees(stranger, id)).toBe(true)
    await refused('deleteFile', 'file_in_use', { params: { fileId: id } }, { as: owner })
    await ok('updateMe', { body: { avatarFileId: null } }, { as: owner })
    expect(await sees(stranger, id)).toBe(false)
    await ok('deleteFile', { params: { fileId: id } }, { as: owner })
  })

  test('can be a profile picture only if it is a picture of the user’s own', async () => {
    const [owner, other] = [await newUser(), await newUser()]
    const files = [await upload(owner, ten), await upload(other, png), await upload(owner, latin1('<svg/>'))]
    for (const avatarFileId of [...files.map(({ id }) => id), mintId('file', Date.now())])
      await refused('updateMe', 'avatar_unusable', { body: { avatarFileId } }, { as: owner })
  })
})

describe('the files of a user', () => {
  test('are listed newest first, page by page', async () => {
    const user = await newUser()
    const uploaded: StoredFile[] = []
    for (let count = 0; count < 5; count++) uploaded.unshift(await upload(user, ten, { name: `${count}` }))
    const listed: StoredFile[] = []
    let cursor: string | undefined
    do {
      const page: Files = await ok<Files>('listFiles', { query: { limit: 2, cursor } }, { as: user })
      expect(page.usage).toMatchObject({ bytes: 50, files: 5 })
      listed.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(listed).toEqual(uploaded)
  })

  test.for(['nonsense', Buffer.from('"usr_1"').toString('base64url'), Buffer.from('{}').toString('base64url')])(
    'are not listed after the invalid cursor %j',
    async (cursor) => {
      const { body } = await refused('listFiles', 'invalid_request', { query: { cursor } }, { as: await newUser() })
      expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/query/cursor'])
    },
  )

  test('are gone for everybody once deleted, and their space is free again', async () => {
    const user = await newUser()
    const { id, url } = await upload(user)
    for (let repeat = 0; repeat < 2; repeat++)
      expect((await call('deleteFile', { params: { fileId: id } }, { as: user })).status).toBe(204)
    expect(await objects()).not.toContain(id)
    expect((await follow(url)).status).toBe(404)
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
    for (const operationId of ['getFile', 'getFileInfo'])
      await refused(operationId, 'file_not_found', { params: { fileId: id } }, { as: user })
  })
})

describe('the storage of a user', () => {
  /** Leaves room for `left` bytes. */
  const fillUpTo = async (user: TestUser, left: number) => {
    const { bytesMax } = await usage(user)
    await runInDurableObject(mailbox(user), (_, { storage }) => {
      storage.sql.exec(
        `INSERT INTO files (id, state, name, content_type, size, sha256, created_at) VALUES (?, 'stored', 'x', 'x/x', ?, ?, 0)`,
        mintId('file', 0),
        bytesMax - left,
        sha256(ten),
      )
    })
  }

  test.for([
    ['raw', raw],
    ['a form', (bytes: Uint8Array) => form(['file', new File([bytes], 'x')])],
  ] as const)('accepts what just fits and rejects a byte more (%s)', async ([, input]) => {
    const user = await newUser()
    await fillUpTo(user, 10)
    const before = await objects()
    await refused('uploadFile', 'storage_full', input(new Uint8Array(11)), { as: user })
    expect(await objects()).toEqual(before)
    await ok('uploadFile', input(ten), { as: user })
    await refused('uploadFile', 'storage_full', input(new Uint8Array(1)), { as: user })
    await ok('uploadFile', input(new Uint8Array()), { as: user })
  })

  test('rejects a large form where it stops fitting and stores nothing of it', async () => {
    const user = await newUser()
    await fillUpTo(user, 2 * limits.filePartBytes)
    const before = [await usage(user), await objects()]
    const size = 2 * limits.filePartBytes + 1
    await refused('uploadFile', 'storage_full', form(['file', new File([new Uint8Array(size)], 'x')]), { as: user })
    expect([await usage(user), await objects()]).toEqual(before)
  })

  test('accepts a large form that just fits', async () => {
    const user = await newUser()
    const size = 2 * limits.filePartBytes + 1
    await fillUpTo(user, size)
    await ok('uploadFile', form(['file', new File([new Uint8Array(size)], 'x')]), { as: user })
  })

  test('is not used twice by concurrent uploads', async () => {
    const user = await newUser()
    await fillUpTo(user, 25)
    const answers = await Promise.all([1, 2, 3, 4].map(() => call('uploadFile', raw(ten), { as: user })))
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 422, 422])
  })
})

describe('cleanup', () => {
  const callerOf = (user: TestUser) => ({ sessionId: user.sessionId, step: null, origin: baseUrl })
  const alarmAt = (user: TestUser) => runInDurableObject(mailbox(user), (_, { storage }) => storage.getAlarm())
  const rows = (user: TestUser) =>
    runInDurableObject(mailbox(user), (_, { storage }) => storage.sql.exec('SELECT id FROM files').toArray().length)

  const pass = (ms: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + ms })

  /** An upload whose worker died after the bytes were written. */
  const halfUpload = async (user: TestUser) => {
    const fileId = mintId('file', Date.now())
    await mailbox(user).reserveFile(callerOf(user), { fileId, name: 'x', bytes: 10 })
    await env.FILES.put(fileId, ten)
    return fileId
  }

  test('removes what an unfinished upload left when its reservation ends', async () => {
    const user = await newUser()
    const fileId = await halfUpload(user)
    expect(await usage(user)).toMatchObject({ bytes: 10, files: 0 })
    await refused('getFile', 'file_not_found', { params: { fileId } }, { as: user })
    const reserved = limits.fileReservationSeconds * 1000
    expect(await alarmAt(user)).toBeLessThanOrEqual(Date.now() + reserved)

    await runDurableObjectAlarm(mailbox(user))
    expect(await objects()).toContain(fileId)
    pass(reserved + 1000)
    await runDurableObjectAlarm(mailbox(user))
    vi.useRealTimers()
    expect(await objects()).not.toContain(fileId)
    expect(await usage(user)).toMatchObject({ bytes: 0, files: 0 })
    expect(await rows(user)).toBe(0)
    expect(await alarmAt(user)).toBeNull()
  })

  test('removes what arrives after its reservation ended', async () => {
    const user = await newUser()
    const fileId = mintId('file', Date.now())
    await env.FILES.put(fileId, ten)
    const stored = { contentType: 'text/plain', size: 10, sha256: sha256(ten) }
    const outcome = await mailbox(user).storeFile(callerOf(user), fileId, stored)
    expect(outcome).toMatchObject({ ok: false, code: 'service_unavailable' })
    pass(limits.fileReservationSeconds * 1000)
    await runDurableObjectAlarm(mailbox(user))
    expect(await objects()).not.toContain(fileId)
    expect(await rows(user)).toBe(0)
  })

  test('finishes a removal that was cut off', async () => {
    const user = await newUser()
    const { id } = await upload(user)
    await mailbox(user).removeFile(callerOf(user), id)
    expect(await objects()).toContain(id)
    await refused('getFile', 'file_not_found', { params: { fileId: id } }, { as: user })
    pass(limits.fileReservationSeconds * 1000)
    await runDurableObjectAlarm(mailbox(user))
    expect(await objects()).not.toContain(id)
    expect(await rows(user)).toBe(0)
  })

  test('leaves stored files alone, and storing again changes nothing', async () => {
    const user = await newUser()
    const file = await upload(user)
    const stored = { contentType: file.contentType, size: file.size, sha256: file.sha256 }
    expect(await mailbox(user).storeFile(callerOf(user), file.id, stored)).toMatchObject({ ok: true })
    await mailbox(user).releaseFile(callerOf(user), file.id)
    pass(10 * limits.fileReservationSeconds * 1000)
    await runDurableObjectAlarm(mailbox(user))
    vi.useRealTimers()
    expect(await bytesOf(await get(user, file.id))).toEqual(ten)
  })
})
