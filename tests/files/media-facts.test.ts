import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Files, File as StoredFile } from '../../schemas/file'
import type { Message } from '../../schemas/message'
import { limits } from '../../src/core/limits'
import { measuredFacts } from '../../src/core/media-facts'
import { call, type Input, ok, refused } from '../support/call'
import { delivered, get, pair, send } from '../support/chat-calls'
import { inMailbox } from '../support/delivery-faults'
import * as media from '../support/media'
import { newUser, type TestUser } from '../support/users'

const factsOf = ({ width, height, durationMs, blurHash }: Partial<StoredFile>) => [width, height, durationMs, blurHash]

const raw = (bytes: Uint8Array, query: Input['query'] = {}, type?: string): Input => ({
  raw: bytes,
  query,
  headers: type === undefined ? {} : { 'Content-Type': type },
})

const form = (bytes: Uint8Array, query: Input['query'] = {}): Input => {
  const data = new FormData()
  data.set('file', new File([bytes], 'x'))
  return { raw: data, query }
}

const upload = (as: TestUser, input: Input) => ok<StoredFile>('uploadFile', input, { as })

const blurHash = 'LEHV6nWB2yk8pyo0adR*.7kCMdnj'
const none = [null, null, null]
const cbr = media.join(media.id3(300), ...Array.from({ length: 100 }, () => media.mp3Frame(9)))
const cbrMs = Math.round(((cbr.length - 310) / 16_000) * 1000)
const counted = media.join(Buffer.alloc(32), 'Xing', media.be32(1), media.be32(383))
const vbri = media.join(Buffer.alloc(32), 'VBRI', Buffer.alloc(10), media.be32(383))

/** Files, as what they are declared, and their width, height, and duration. */
const files: [name: string, bytes: Buffer, (number | null)[], type?: string][] = [
  ['a JPEG', media.jpeg({ width: 640, height: 480 }), [640, 480, null]],
  ['an upright JPEG with metadata', media.jpeg({ orientation: 3, metadata: true }), [40, 30, null]],
  ...[5, 6, 7, 8].map((orientation): [string, Buffer, (number | null)[]] => [
    `a JPEG on its side (${orientation})`,
    media.jpeg({ orientation }),
    [30, 40, null],
  ]),
  ['a JPEG without a frame', media.join([0xff, 0xd8], media.scan, [0xff, 0xd9]), none],
  ['a JPEG of no height', media.jpeg({ height: 0 }), none],
  ['a PNG', media.png({ width: 640, height: 480, metadata: true }), [640, 480, null]],
  ['a PNG on its side', media.png({ orientation: 6 }), [30, 40, null]],
  ['a PNG larger than anything', media.png({ width: 65_536, height: 1 }), none],
  ['a GIF', media.gif({ width: 640, height: 480 }), [640, 480, null]],
  ['a WebP', media.webp({ width: 640, height: 480, metadata: true }), [640, 480, null]],
  ['a WebP on its side', media.webp({ orientation: 8 }), [30, 40, null]],
  ['a simple lossy WebP', media.riff('WEBP', media.lossyFrame(640, 480)), [640, 480, null]],
  ['a simple lossless WebP', media.riff('WEBP', media.losslessFrame(16_384, 480)), [16_384, 480, null]],
  ['a HEIC', media.heif({ width: 640, height: 480 }, 0), [640, 480, null]],
  ['a HEIC on its side', media.heif({ width: 640, height: 480 }, 3), [480, 640, null]],
  ['a HEIC upside down', media.heif({ width: 640, height: 480 }, 2), [640, 480, null]],
  ['an AVIF with long ids', media.heif({ width: 640, height: 480 }, 1, 'avif', true), [480, 640, null]],
  ['an MP4', media.mp4({ width: 640, height: 480, seconds: 12.5 }), [640, 480, 12_500]],
  [
    'a QuickTime movie on its side',
    media.mp4({ width: 640, height: 480, seconds: 2, isTurned: true }, 'qt  '),
    [480, 640, 2_000],
  ],
  [
    'a 3GPP movie with long times',
    media.mp4({ width: 640, height: 480, seconds: 2, isLong: true }, '3gp4'),
    [640, 480, 2_000],
  ],
  ['a fragmented MP4', media.mp4({ width: 640, height: 480, seconds: 3, isFragmented: true }), [640, 480, 3_000]],
  [
    'a fragmented MP4 with long times',
    media.mp4({ width: 1, height: 2, seconds: 3, isFragmented: true, isLong: true }),
    [1, 2, 3_000],
  ],
  ['a voice message in MP4', media.mp4({ seconds: 4 }), [null, null, 4_000], 'audio/mp4'],
  [
    'an MP4 whose index comes last',
    media.join(
      media.fileType('isom'),
      media.longBox('mdat', Buffer.alloc(300_000)),
      media.moov({ width: 640, height: 480, seconds: 1 }),
    ),
    none,
  ],
  [
    'a short MP4 whose index comes last',
    media.join(
      media.fileType('isom'),
      media.longBox('mdat', Buffer.alloc(1_000)),
      media.moov({ width: 640, height: 480, seconds: 1 }),
    ),
    [640, 480, 1_000],
  ],
  ['a WebM', media.webm({ width: 640, height: 480, seconds: 2.5 }), [640, 480, 2_500]],
  ['a WebM of a recorder', media.webm({ width: 640, height: 480 }, true), [640, 480, null]],
  ['a voice message in WebM', media.webm({ seconds: 2.5 }, true), [null, null, 2_500], 'audio/webm'],
  ['a WAV', media.wav(3), [null, null, 3_000]],
  ['a WAV of open length', media.wav(3, 0), [null, null, 3_000]],
  ['a WAV that says it is longer than it is', media.wav(3, 0xffff_ffff), [null, null, 3_000]],
  ['an MP3 of one bit rate', cbr, [null, null, cbrMs]],
  ['an MP3 of several bit rates', media.join(...[9, 9, 5, 9].map((index) => media.mp3Frame(index))), none],
  [
    'an MP3 with a count of its frames',
    media.join(media.mp3Frame(9, counted), media.mp3Frame(5)),
    [null, null, 10_005],
  ],
  ['an MP3 with a count of another kind', media.join(media.mp3Frame(9, vbri), media.mp3Frame(5)), [null, null, 10_005]],
  ['a FLAC', media.flac(200_000), [null, null, 200_000_000]],
  ['a voice message in Opus', media.opus(7), [null, null, 7_000]],
  ['Vorbis', media.vorbis(7), [null, null, 7_000]],
  ['Opus that is too long to see its end', media.join(media.opus(7), Buffer.alloc(limits.mediaHeadBytesMax)), none],
  ['a text', Buffer.from('text'), none, 'text/plain'],
]

describe('an upload', () => {
  test.for(files)('says what its bytes say: %s', async ([, bytes, expected, type]) => {
    const user = await newUser()
    for (const input of [raw(bytes, {}, type), ...(type ? [] : [form(bytes)])]) {
      const file = await upload(user, input)
      expect(factsOf(file), file.contentType).toEqual([...expected, null])
    }
  })

  test('in more than two parts still says what its first bytes say', async () => {
    const bytes = media.join(media.jpeg({ width: 640, height: 480 }), Buffer.alloc(2 * limits.filePartBytes))
    expect(factsOf(await upload(await newUser(), raw(bytes)))).toEqual([640, 480, null, null])
  })

  test('takes from its uploader what its bytes do not say, in either form', async () => {
    const user = await newUser()
    const given = { width: 3, height: 4, durationMs: 5, blurHash }
    for (const [bytes, expected] of [
      [Buffer.from('no picture'), [3, 4, 5, blurHash]],
      [media.png({ width: 640, height: 480 }), [640, 480, 5, blurHash]],
      [media.mp4({ seconds: 12 }), [3, 4, 12_000, blurHash]],
    ] as const)
      for (const input of [raw(bytes, given), form(bytes, given)])
        expect(factsOf(await upload(user, input))).toEqual(expected)
  })

  test.for<[string, Input['query'], string]>([
    ['a width alone', { width: 1 }, 'width'],
    ['a height alone', { height: 1 }, 'width'],
    ['no width', { width: 0, height: 1 }, 'width'],
    ['a negative width', { width: -1, height: 1 }, 'width'],
    ['half a pixel', { width: '1.5', height: 1 }, 'width'],
    ['a width in hex', { width: '0x10', height: 1 }, 'width'],
    ['a width with an exponent', { width: '1e3', height: 1 }, 'width'],
    ['a width after a space', { width: ' 1', height: 1 }, 'width'],
    ['an empty width', { width: '', height: 1 }, 'width'],
    ['a width that is too large', { width: limits.mediaPixelsMax + 1, height: 1 }, 'width'],
    ['a height that is too large', { width: 1, height: 99_999_999_999 }, 'height'],
    ['two widths', { width: ['1', '2'], height: 1 }, 'width'],
    ['no duration', { durationMs: 0 }, 'durationMs'],
    ['a duration that is too long', { durationMs: limits.mediaDurationMsMax + 1 }, 'durationMs'],
    ['an empty BlurHash', { blurHash: '' }, 'blurHash'],
    ['a BlurHash that is too short for its flag', { blurHash: blurHash.slice(0, -1) }, 'blurHash'],
    ['a BlurHash that is too long for its flag', { blurHash: `${blurHash}00` }, 'blurHash'],
    ['a BlurHash with another character', { blurHash: blurHash.replace('V', 'é') }, 'blurHash'],
    ['a BlurHash of nine by nine components', { blurHash: `~${'0'.repeat(165)}` }, 'blurHash'],
    ['something else', { depth: 1 }, 'depth'],
  ])('is refused with %s, and stores nothing', async ([, query, name]) => {
    const user = await newUser()
    for (const input of [raw(media.png(), query), form(media.png(), query)]) {
      const { body } = await refused('uploadFile', 'invalid_request', input, { as: user })
      expect(body.errors?.map(({ pointer }) => pointer)).toContain(`/query/${name}`)
    }
    expect((await ok<Files>('listFiles', {}, { as: user })).items).toEqual([])
  })

  test('takes the smallest and the largest facts', async () => {
    const user = await newUser()
    const [largest, ms] = [limits.mediaPixelsMax, limits.mediaDurationMsMax]
    for (const facts of [
      [1, 1, 1, '000000'],
      [largest, largest, ms, `q${'z'.repeat(99)}`],
    ]) {
      const [width, height, durationMs, hash] = facts
      const query = { width, height, durationMs, blurHash: hash }
      expect(factsOf(await upload(user, raw(Buffer.from('x'), query)))).toEqual(facts)
    }
  })
})

describe('the facts of a file', () => {
  test('are wherever the file is shown, to its recipient as well', async () => {
    const [ana, ben] = await pair()
    const file = await upload(ana, raw(media.mp4({ width: 640, height: 480, seconds: 2 }), { blurHash }))
    const facts = [640, 480, 2_000, blurHash]
    const info = { params: { fileId: file.id } }
    const sent = await send(ana, ben, 'look', { attachmentFileIds: [file.id] })
    await delivered(ana, ben)
    const { items } = await ok<Files>('listFiles', {}, { as: ana })
    const received = await get(ben, ana, sent)
    for (const shown of [file, items[0], sent.attachments[0], received.attachments[0]])
      expect(factsOf(shown ?? {})).toEqual(facts)
    for (const as of [ana, ben]) expect(factsOf(await ok<StoredFile>('getFileInfo', info, { as }))).toEqual(facts)
  })

  test('are unknown for files and attachments of before', async () => {
    const [ana, ben] = await pair()
    const file = await upload(ana, raw(media.png(), { blurHash }))
    const sent = await send(ana, ben, 'look', { attachmentFileIds: [file.id] })
    await delivered(ana, ben)
    const unknown = [null, null, null, null]
    await inMailbox(ana.id, 'UPDATE files SET width = NULL, height = NULL, duration_ms = NULL, blur_hash = NULL')
    const before = JSON.stringify({
      fileId: file.id,
      name: 'x',
      contentType: 'image/png',
      size: 1,
      sha256: file.sha256,
      createdAt: 1,
    })
    await inMailbox(ben.id, `UPDATE messages SET attachments = '[${before}]'`)
    await inMailbox(ben.id, `UPDATE grants SET file = '${before}'`)
    const [attachment] = (
      await ok<Message>('getMessage', { params: { chatId: ana.id, messageId: sent.id } }, { as: ben })
    ).attachments
    expect(factsOf(attachment ?? {})).toEqual(unknown)
    for (const as of [ana, ben])
      expect(factsOf(await ok<StoredFile>('getFileInfo', { params: { fileId: file.id } }, { as }))).toEqual(unknown)
    const again = await send(ana, ben, 'again', { attachmentFileIds: [file.id] })
    expect(factsOf(again.attachments[0] ?? {})).toEqual(unknown)
    expect((await call('listFiles', {}, { as: ana })).status).toBe(200)
  })
})

describe('measuring', () => {
  const types = [...new Set(files.map(([, bytes, , type]) => type ?? typeOf(bytes)))]

  function typeOf(bytes: Buffer): string {
    const start = bytes.toString('latin1', 0, 12)
    if (start.startsWith('\x89PNG')) return 'image/png'
    if (start.startsWith('GIF')) return 'image/gif'
    if (start.endsWith('WEBP')) return 'image/webp'
    if (start.endsWith('WAVE')) return 'audio/wav'
    if (start.endsWith('heic')) return 'image/heic'
    if (start.endsWith('avif')) return 'image/avif'
    if (start.includes('ftyp')) return 'video/mp4'
    if (start.startsWith('\x1aE')) return 'video/webm'
    if (start.startsWith('OggS')) return 'audio/ogg'
    if (start.startsWith('fLaC')) return 'audio/flac'
    return start.startsWith('\xff\xd8') ? 'image/jpeg' : 'audio/mpeg'
  }

  const isPlausible = ({ width, height, durationMs }: ReturnType<typeof measuredFacts>) =>
    (width === null) === (height === null) &&
    [width, height, durationMs].every((fact) => fact === null || (Number.isInteger(fact) && fact >= 1))

  /** A file with bytes changed, cut off, and followed by others. */
  const broken = fc
    .tuple(
      fc.constantFrom(...files.map(([, bytes]) => bytes)),
      fc.array(
        fc.tuple(fc.nat({ max: 2_000 }), fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat({ max: 255 }))),
        {
          maxLength: 12,
        },
      ),
      fc.option(fc.nat({ max: 600 })),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([bytes, changes, cut, more]) => {
      const changed = Buffer.from(bytes)
      for (const [at, value] of changes) if (changed.length > 0) changed[at % changed.length] = value
      return media.join(cut === null ? changed : changed.subarray(0, cut), more)
    })

  test('survives whatever bytes there are', () => {
    fc.assert(
      fc.property(broken, fc.option(fc.constantFrom(...types)), fc.nat(), (bytes, type, more) => {
        expect(measuredFacts(bytes, type ?? typeOf(bytes), bytes.length + more)).toSatisfy(isPlausible)
      }),
      { numRuns: 5_000 },
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...types), fc.nat(), (bytes, type, more) => {
        expect(measuredFacts(bytes, type, bytes.length + more)).toSatisfy(isPlausible)
      }),
      { numRuns: 5_000 },
    )
  })

  test('never reads more than the first bytes', () => {
    const bytes = media.join(media.pngSignature, media.pngChunk('IHDR', media.be32(640), media.be32(480)))
    const pushed = media.join(
      media.pngSignature,
      media.pngChunk('prVt', Buffer.alloc(limits.mediaHeadBytesMax)),
      bytes.subarray(8),
    )
    expect(measuredFacts(bytes, 'image/png', bytes.length)).toMatchObject({ width: 640 })
    expect(measuredFacts(pushed, 'image/png', pushed.length)).toEqual({ width: null, height: null, durationMs: null })
  })

  /** Counts the reads of bytes. */
  function readsOf(work: () => void): number {
    let reads = 0
    const names = ['readUInt8', 'readUInt16BE', 'readUInt16LE', 'readUInt32BE', 'readUInt32LE'] as const
    const originals = names.map((name) => Buffer.prototype[name])
    for (const [n, name] of names.entries()) {
      const original = originals[n]
      Object.assign(Buffer.prototype, {
        [name](this: Buffer, at: number) {
          reads += 1
          return original?.call(this, at)
        },
      })
    }
    try {
      work()
    } finally {
      for (const [n, name] of names.entries()) Object.assign(Buffer.prototype, { [name]: originals[n] })
    }
    return reads
  }

  const filled = (start: Buffer, piece: Buffer) => {
    const bytes = Buffer.alloc(limits.mediaHeadBytesMax, piece)
    start.copy(bytes)
    return bytes
  }

  test.for<[string, string, Buffer]>([
    ['empty segments', 'image/jpeg', filled(Buffer.from([0xff, 0xd8]), Buffer.from([0xff, 0xe5, 0, 2]))],
    ['fill bytes', 'image/jpeg', filled(Buffer.from([0xff, 0xd8]), Buffer.from([0xff]))],
    ['empty chunks', 'image/png', filled(Buffer.from(media.pngSignature, 'latin1'), media.pngChunk('prVt'))],
    ['empty boxes', 'video/mp4', filled(media.fileType('isom'), media.box('free'))],
    [
      'empty boxes in a movie',
      'video/mp4',
      filled(media.join(media.fileType('isom'), media.be32(2 ** 31), 'moov'), media.box('trak')),
    ],
    ['an endless box in itself', 'video/mp4', filled(media.fileType('isom'), media.join(media.be32(0), 'moov'))],
    ['empty elements', 'video/webm', filled(Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x80]), Buffer.from([0xec, 0x80]))],
    [
      'endless elements in themselves',
      'video/webm',
      filled(Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x80]), Buffer.from([0xae, 0xff])),
    ],
    ['empty chunks', 'image/webp', filled(media.riff('WEBP'), media.riffChunk('PRIV'))],
    ['frames', 'audio/mpeg', filled(Buffer.alloc(0), media.mp3Frame(1))],
    ['starts of frames', 'audio/mpeg', filled(Buffer.alloc(0), Buffer.from([0xff, 0xfb, 0x10, 0]))],
    ['many items', 'image/heic', filled(media.heif({}, 0).subarray(0, 60), Buffer.from([0, 0, 0, 0]))],
  ])('does no more work than there are bytes: %s', ([, type, bytes]) => {
    expect(readsOf(() => measuredFacts(bytes, type, 2 ** 40))).toBeLessThan(4 * bytes.length)
  })
})
