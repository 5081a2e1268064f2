import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanContent, cleanPieces } from '../../src/core/clean-picture'
import { limits } from '../../src/core/limits'
import { UnusablePicture } from '../../src/core/media/pieces'
import * as media from '../support/media'

async function* chunksOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function clean(contentType: string, bytes: Uint8Array, chunkSize = 64): Promise<Buffer> {
  const pieces = await cleanPieces(contentType, chunksOf(bytes, chunkSize))
  const cleaned: Uint8Array[] = []
  for await (const chunk of cleanContent(chunksOf(bytes, chunkSize), pieces)) cleaned.push(Buffer.from(chunk))
  expect(Buffer.concat(cleaned)).toHaveLength(pieces.size)
  return Buffer.concat(cleaned)
}

const { be16, be32, join } = media

/** Exif data as it has to be: a directory whose only entry is the orientation. */
const orientationAlone = (orientation: number) =>
  join('MM\0*', be32(8), be16(1), be16(0x0112), be16(3), be32(1), be16(orientation), be16(0), be32(0))

const insertAfter = (bytes: Buffer, part: Buffer, inserted: Buffer) => {
  const at = bytes.indexOf(part) + part.length
  return join(bytes.subarray(0, at), inserted, bytes.subarray(at))
}

/** A JPEG, PNG or WebP whose only metadata is an orientation. */
const turned = {
  'image/jpeg': (orientation: number) => {
    const exif = join('Exif\0\0', orientationAlone(orientation))
    const jfif = join(be16(0xffe0), be16(16), 'JFIF\0', [1, 1, 0, 0, 1, 0, 1, 0, 0])
    return insertAfter(media.jpeg(), jfif, join(be16(0xffe1), be16(exif.length + 2), exif))
  },
  'image/png': (orientation: number) =>
    insertAfter(
      media.png(),
      media.pngChunk('iCCP', 'icc\0\0', media.profile),
      media.pngChunk('eXIf', orientationAlone(orientation)),
    ),
  'image/webp': (orientation: number) =>
    media.riff(
      'WEBP',
      media.riffChunk('VP8X', [0x28, 0, 0, 0], media.le24(39), media.le24(29)),
      media.riffChunk('ICCP', media.profile),
      media.lossyFrame(40, 30),
      media.riffChunk('EXIF', orientationAlone(orientation)),
    ),
}

const formats: [contentType: string, picture: (look?: media.Look) => Buffer][] = [
  ['image/jpeg', media.jpeg],
  ['image/png', media.png],
  ['image/gif', media.gif],
  ['image/webp', media.webp],
]

const animated: [string, (look?: media.Look) => Buffer][] = [
  ['image/png', (look) => media.png({ ...look, isAnimated: true })],
  ['image/gif', media.gif],
  ['image/webp', (look) => media.webp({ ...look, isAnimated: true })],
]

describe('a cleaned picture', () => {
  test.each(formats)('%s has nothing of its metadata, and everything else byte for byte', async (type, picture) => {
    for (const orientation of type === 'image/gif' ? [undefined] : [undefined, 1]) {
      const original = picture({ metadata: true, orientation })
      expect(original.includes(media.secret)).toBe(true)
      const cleaned = await clean(type, original)
      expect(cleaned.includes(media.secret)).toBe(false)
      expect(cleaned.includes(media.profile)).toBe(true)
      expect(cleaned).toEqual(picture())
    }
  })

  test.each(animated)('%s is animated as before', async (type, picture) => {
    expect(await clean(type, picture({ metadata: true }))).toEqual(picture())
  })

  test.each(Object.entries(turned))('%s keeps its orientation, and no other Exif data', async (type, expected) => {
    const picture = formats.find(([of]) => of === type)?.[1] ?? media.jpeg
    for (const orientation of [2, 3, 4, 5, 6, 7, 8])
      expect(await clean(type, picture({ orientation, metadata: true }))).toEqual(expected(orientation))
  })

  test('is the original if that has no metadata', async () => {
    for (const [type, picture] of [...formats, ...animated]) expect(await clean(type, picture())).toEqual(picture())
    for (const frame of [media.lossyFrame(9, 9), media.losslessFrame(9, 9)])
      expect(await clean('image/webp', media.riff('WEBP', frame))).toEqual(media.riff('WEBP', frame))
  })

  test('loses a second orientation, which nothing shows', async () => {
    const exif = (orientation: number) => media.pngChunk('eXIf', media.exif(orientation))
    const after = media.pngChunk('IHDR', be32(40), be32(30), [8, 2, 0, 0, 0])
    const twice = insertAfter(media.png(), after, join(exif(3), exif(6)))
    const once = insertAfter(media.png(), after, media.pngChunk('eXIf', orientationAlone(3)))
    expect(await clean('image/png', twice)).toEqual(once)
  })

  test('is the same however the original arrives', async () => {
    for (const [type, picture] of formats) {
      const original = picture({ orientation: 6, metadata: true })
      const whole = await clean(type, original, original.length)
      for (const size of [1, 2, 3, 7, 100]) expect(await clean(type, original, size)).toEqual(whole)
    }
  })
})

const refused = (type: string, bytes: Uint8Array) => expect(clean(type, bytes)).rejects.toThrow(UnusablePicture)

const start = join([0xff, 0xd8])
const frame = join(be16(0xffc0), be16(11), [8], be16(1), be16(1), [1, 1, 0x11, 0])
const gifHead = join('GIF89a', media.le16(1), media.le16(1), [0, 0, 0])
const header = media.pngChunk('IHDR', be32(1), be32(1), [8, 2, 0, 0, 0])
const [data, end] = [media.pngChunk('IDAT', [1]), media.pngChunk('IEND')]

describe('a picture is refused', () => {
  test.each([...formats, ...animated])('as %s if it is cut off anywhere', async (type, picture) => {
    const whole = picture(type === 'image/gif' ? {} : { orientation: 6 })
    for (let length = 0; length < whole.length; length++) await refused(type, whole.subarray(0, length))
  })

  test.each<[string, string, Buffer]>([
    ['has bytes between segments', 'image/jpeg', join(start, [0], frame, media.scan, [0xff, 0xd9])],
    ['has a segment of no length', 'image/jpeg', join(start, be16(0xffdb), be16(1), frame, media.scan, [0xff, 0xd9])],
    ['has a marker without a segment', 'image/jpeg', join(start, be16(0xffd0), frame, media.scan, [0xff, 0xd9])],
    ['has no frame', 'image/jpeg', join(start, media.scan, [0xff, 0xd9])],
    ['has no scan', 'image/jpeg', join(start, frame, [0xff, 0xd9])],
    ['begins with another chunk', 'image/png', join(media.pngSignature, data, header, end)],
    ['has two headers', 'image/png', join(media.pngSignature, header, header, data, end)],
    ['has no data', 'image/png', join(media.pngSignature, header, end)],
    ['has something in its end', 'image/png', join(media.pngSignature, header, data, media.pngChunk('IEND', 'x'))],
    ['needs a chunk that is unknown', 'image/png', join(media.pngSignature, header, media.pngChunk('PrIv'), data, end)],
    [
      'has a chunk without a name',
      'image/png',
      join(media.pngSignature, header, media.pngChunk('\0\0\0\0'), data, end),
    ],
    ['has no image', 'image/gif', join(gifHead, [0x3b])],
    ['has an unknown block', 'image/gif', join(gifHead, [0x2d, 0x3b])],
    ['has a chunk that is too long', 'image/webp', media.riff('WEBP', 'VP8 ', media.le32(99), 'x')],
    ['has no bitmap', 'image/webp', media.riff('WEBP', media.riffChunk('ICCP', 'x'))],
    ['has a frame without a bitmap', 'image/webp', media.riff('WEBP', media.riffChunk('ANMF', Buffer.alloc(16)))],
    ['has a frame without a header', 'image/webp', media.riff('WEBP', media.riffChunk('ANMF', 'x'))],
    ['has a malformed header', 'image/webp', media.riff('WEBP', media.riffChunk('VP8X', 'x'), media.lossyFrame(1, 1))],
    ['is sound', 'image/webp', media.wav(1)],
  ])('if it %s', async (_, type, bytes) => {
    await refused(type, bytes)
  })

  test('if it is of another type than it should be, or of none that can be cleaned', async () => {
    for (const [type] of formats)
      for (const [other, picture] of formats) if (other !== type) await refused(type, picture())
    await refused('image/heic', media.heif({}, 0))
  })

  test.each<[string, (parts: number) => Buffer]>([
    ['image/png', (parts) => join(media.pngSignature, header, data, Buffer.concat(Array(parts).fill(data)), end)],
    ['image/gif', (parts) => join(gifHead, Buffer.alloc(3 * parts, join([0x21, 0xf9, 0])), media.gif().subarray(19))],
  ])('as %s if it has more parts than any has', async (type, picture) => {
    expect((await clean(type, picture(90_000), 65_536)).length).toBeGreaterThan(90_000)
    await expect(clean(type, picture(limits.picturePartsMax), 65_536)).rejects.toThrow('too many parts')
  })
})

/** A valid picture in which some bytes are others, or are missing, or which goes on after its end. */
const damaged = fc
  .record({
    format: fc.constantFrom(...formats, ...animated),
    orientation: fc.integer({ min: 1, max: 8 }),
    metadata: fc.boolean(),
    changes: fc.array(fc.record({ at: fc.nat(2_000), byte: fc.nat(255) }), { maxLength: 4 }),
    cut: fc.record({ at: fc.nat(2_000), bytes: fc.nat(3) }),
    more: fc.uint8Array({ maxLength: 20 }),
  })
  .map(({ format: [type, picture], orientation, metadata, changes, cut, more }) => {
    const bytes = Buffer.from(picture({ orientation, metadata }))
    for (const { at, byte } of changes) bytes[at % bytes.length] = byte
    const from = cut.at % bytes.length
    return { type, bytes: join(bytes.subarray(0, from), bytes.subarray(from + cut.bytes), more) }
  })

const anything = fc.record({
  type: fc.constantFrom(...formats.map(([type]) => type)),
  bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
})

test('whatever the bytes are, they are refused, or cleaned for good', async () => {
  let cleaned = 0
  await fc.assert(
    fc.asyncProperty(
      fc.oneof({ weight: 9, arbitrary: damaged }, anything),
      fc.integer({ min: 1, max: 64 }),
      async ({ type, bytes }, size) => {
        const once = await clean(type, bytes, size).catch((error: unknown) => {
          expect(error).toBeInstanceOf(UnusablePicture)
        })
        if (!once) return
        cleaned++
        expect(await clean(type, once)).toEqual(once)
        expect(once.length).toBeLessThanOrEqual(bytes.length + 64)
      },
    ),
    { numRuns: 3_000 },
  )
  expect(cleaned).toBeGreaterThan(300)
})
