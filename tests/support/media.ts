import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'

/** Tiny pictures and recordings, made byte by byte: what a parser reads of them is right, what a decoder reads is not. */

type Part = Uint8Array | string | number[]

const bytesOf = (part: Part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))

export const join = (...parts: Part[]): Buffer => Buffer.concat(parts.map(bytesOf))

const written = (bytes: number, write: (buffer: Buffer) => unknown): Buffer => {
  const buffer = Buffer.alloc(bytes)
  write(buffer)
  return buffer
}

export const be16 = (value: number) => written(2, (buffer) => buffer.writeUInt16BE(value))
export const be32 = (value: number) => written(4, (buffer) => buffer.writeUInt32BE(value))
export const be64 = (value: number) => written(8, (buffer) => buffer.writeBigUInt64BE(BigInt(value)))
export const le16 = (value: number) => written(2, (buffer) => buffer.writeUInt16LE(value))
export const le24 = (value: number) => written(3, (buffer) => buffer.writeUIntLE(value, 0, 3))
export const le32 = (value: number) => written(4, (buffer) => buffer.writeUInt32LE(value))
export const le64 = (value: number) => written(8, (buffer) => buffer.writeBigInt64LE(BigInt(value)))

/** Where the picture was taken, as the metadata of each format spells it. */
export const secret = '48.8584N 2.2945E'

/** Exif data with a maker, an orientation, and a place. */
export function exif(orientation: number, isLittle = true): Buffer {
  const [int16, int32] = isLittle ? [le16, le32] : [be16, be32]
  const make = join(int16(0x010f), int16(2), int32(secret.length), int32(200))
  const turned = join(int16(0x0112), int16(3), int32(1), int16(orientation), int16(0))
  const gps = join(int16(0x8825), int16(4), int32(1), int32(300))
  const head = join(isLittle ? 'II*\0' : 'MM\0*', int32(8), int16(3), make, turned, gps, int32(0))
  return join(head, Buffer.alloc(200 - head.length), secret, Buffer.alloc(100), `GPS ${secret}`)
}

export interface Look {
  width?: number
  height?: number
  /** 1 to 8; undefined for a picture without metadata. */
  orientation?: number | undefined
  /** Comments, XMP, IPTC, and whatever else the format can hold, with the secret. */
  metadata?: boolean
  /** PNG and WebP; a GIF always is. */
  isAnimated?: boolean
}

const some = (condition: unknown, ...parts: Part[]) => (condition ? join(...parts) : Buffer.alloc(0))

export const xmp = `<x:xmpmeta>${secret}</x:xmpmeta>`
export const profile = 'a color profile'

const segment = (marker: number, ...content: Part[]) => {
  const body = join(...content)
  return join([0xff, marker], be16(body.length + 2), body)
}

export const scan = join(segment(0xda, [1, 1, 0, 0, 63, 0]), [1, 2, 0xff, 0, 3, 0xff, 0xd0, 4])

export function jpeg({ width = 40, height = 30, orientation, metadata = false }: Look = {}): Buffer {
  return join(
    [0xff, 0xd8],
    segment(0xe0, 'JFIF\0', [1, 1, 0, 0, 1, 0, 1], metadata ? [2, 3] : [0, 0], some(metadata, secret.padEnd(18))),
    some(metadata, segment(0xe0, 'JFXX\0', [0x10], secret)),
    some(orientation, segment(0xe1, 'Exif\0\0', exif(orientation ?? 1))),
    some(
      metadata,
      segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0', xmp),
      segment(0xed, `Photoshop 3.0\0${secret}`),
      segment(0xe2, 'MPF\0', secret),
      segment(0xe5, secret),
      segment(0xfe, secret),
      segment(0xf7, secret),
    ),
    segment(0xe2, 'ICC_PROFILE\0', [1, 1], profile),
    segment(0xee, 'Adobe', [0, 100, 0, 0, 0, 0, 1], some(metadata, secret)),
    segment(0xdb, Buffer.alloc(65)),
    // Fill bytes before a marker.
    [0xff, 0xff],
    segment(0xc2, [8], be16(height), be16(width), [1, 1, 0x11, 0]),
    segment(0xc4, Buffer.alloc(20)),
    scan,
    some(metadata, segment(0xfe, secret)),
    segment(0xc4, Buffer.alloc(20)),
    scan,
    [0xff, 0xd9],
    // A second picture, as phones append it.
    some(metadata, [0xff, 0xd8], segment(0xe1, 'Exif\0\0', exif(1)), [0xff, 0xd9]),
  )
}

export const pngChunk = (type: string, ...content: Part[]) => {
  const body = join(type, ...content)
  return join(be32(body.length - 4), body, be32(crc32(body)))
}

export const pngSignature = '\x89PNG\r\n\x1a\n'

export function png({ width = 40, height = 30, orientation, metadata, isAnimated }: Look = {}): Buffer {
  return join(
    pngSignature,
    pngChunk('IHDR', be32(width), be32(height), [8, 2, 0, 0, 0]),
    pngChunk('iCCP', 'icc\0\0', profile),
    some(isAnimated, pngChunk('acTL', be32(2), be32(0)), pngChunk('fcTL', be32(0), Buffer.alloc(22))),
    some(orientation, pngChunk('eXIf', exif(orientation ?? 1, false))),
    some(
      metadata,
      pngChunk('tEXt', `Comment\0${secret}`),
      pngChunk('zTXt', `Comment\0\0${secret}`),
      pngChunk('iTXt', `XML:com.adobe.xmp\0\0\0\0\0${xmp}`),
      pngChunk('tIME', be16(2026), [1, 1, 1, 1, 1]),
      pngChunk('prVt', secret),
    ),
    pngChunk('IDAT', [1, 2, 3]),
    pngChunk('IDAT', [4, 5, 6]),
    some(isAnimated, pngChunk('fcTL', be32(1), Buffer.alloc(22)), pngChunk('fdAT', be32(2), [7, 8])),
    some(metadata, pngChunk('tEXt', `Comment\0${secret}`)),
    pngChunk('IEND'),
    some(metadata, secret),
  )
}

const subBlocks = (content: Part) => {
  const bytes = bytesOf(content)
  const blocks = Array.from({ length: Math.ceil(bytes.length / 255) }, (_, n) => bytes.subarray(n * 255, n * 255 + 255))
  return join(...blocks.flatMap((block) => [[block.length], block]), [0])
}

const application = (name: string, content: Part) => join([0x21, 0xff, 11], name, subBlocks(content))

export function gif({ width = 40, height = 30, metadata = false }: Look = {}): Buffer {
  const picture = join(
    [0x21, 0xf9, 4, 0, 1, 0, 0, 0],
    [0x2c],
    le16(0),
    le16(0),
    le16(width),
    le16(height),
    [0x80],
    Buffer.alloc(6),
    [2],
    subBlocks(Buffer.alloc(300, 0x3b)),
  )
  return join(
    'GIF89a',
    le16(width),
    le16(height),
    [0x80, 0, 0],
    Buffer.alloc(6),
    application('NETSCAPE2.0', [1, 0, 0]),
    application('ICCRGBG1012', profile),
    some(
      metadata,
      [0x21, 0xfe],
      subBlocks(secret),
      application('XMP DataXMP', xmp),
      application('MGKIPTC0000', secret),
      [0x21, 0x01],
      subBlocks(Buffer.alloc(12)),
      [0x21, 0xfe],
      subBlocks(secret.repeat(40)),
    ),
    picture,
    picture,
    [0x3b],
    some(metadata, secret),
  )
}

export const riffChunk = (type: string, ...content: Part[]) => {
  const body = join(...content)
  return join(type, le32(body.length), body, some(body.length % 2, [0]))
}

export const riff = (form: string, ...chunks: Part[]) => {
  const body = join(form, ...chunks)
  return join('RIFF', le32(body.length), body)
}

export const lossyFrame = (width: number, height: number) =>
  riffChunk('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a], le16(width | 0x4000), le16(height), [1, 2, 3])

export const losslessFrame = (width: number, height: number) =>
  riffChunk('VP8L', [0x2f], le32((width - 1) | ((height - 1) << 14) | (1 << 28)), [1, 2])

export function webp({ width = 40, height = 30, orientation, metadata, isAnimated }: Look = {}): Buffer {
  const flags = 0x20 | (orientation ? 0x08 : 0) | (metadata ? 0x04 : 0) | (isAnimated ? 0x02 : 0)
  const frame = (bitmap: Part) => riffChunk('ANMF', Buffer.alloc(16), bitmap, some(metadata, riffChunk('PRIV', secret)))
  const frames = [riffChunk('ANIM', Buffer.alloc(6)), frame(lossyFrame(width, height)), frame(losslessFrame(8, 8))]
  const file = riff(
    'WEBP',
    riffChunk('VP8X', [flags, 0, 0, 0], le24(width - 1), le24(height - 1)),
    riffChunk('ICCP', profile),
    isAnimated ? join(...frames) : lossyFrame(width, height),
    some(orientation, riffChunk('EXIF', exif(orientation ?? 1))),
    some(metadata, riffChunk('XMP ', xmp), riffChunk('PRIV', secret)),
  )
  return join(file, some(metadata, secret))
}

export const box = (type: string, ...content: Part[]) => {
  const body = join(...content)
  return join(be32(body.length + 8), type, body)
}

/** A box with a size of 64 bits. */
export const longBox = (type: string, ...content: Part[]) => {
  const body = join(...content)
  return join(be32(1), type, be64(body.length + 16), body)
}

export const fileType = (brand: string, ...compatible: string[]) => box('ftyp', brand, be32(0), ...compatible)

interface Movie {
  width?: number
  height?: number
  seconds?: number
  isTurned?: boolean
  /** Version 1 of the boxes, with times of 64 bits. */
  isLong?: boolean
  /** Says how long it is in a box of its own. */
  isFragmented?: boolean
  sound?: boolean
}

const times = (isLong: boolean) => Buffer.alloc(isLong ? 16 : 8)
const time = (isLong: boolean, units: number) => (isLong ? be64(units) : be32(units))

const matrix = (isTurned: boolean) =>
  isTurned
    ? join(be32(0), be32(0x10000), be32(0), be32(0xffff0000), be32(0), be32(0), be32(0), be32(0), be32(0x40000000))
    : join(be32(0x10000), be32(0), be32(0), be32(0), be32(0x10000), be32(0), be32(0), be32(0), be32(0x40000000))

function track(handler: string, { width = 0, height = 0, isTurned = false, isLong = false }: Movie): Buffer {
  const header = join(
    [isLong ? 1 : 0, 0, 0, 3],
    times(isLong),
    be32(1),
    be32(0),
    time(isLong, 0),
    Buffer.alloc(16),
    matrix(isTurned),
    be32(width * 65_536),
    be32(height * 65_536),
  )
  const media = box('mdia', box('mdhd', Buffer.alloc(24)), box('hdlr', be32(0), be32(0), handler, Buffer.alloc(12)))
  return box('trak', box('tkhd', header), box('edts'), media)
}

/** The index of a movie. */
export function moov(movie: Movie): Buffer {
  const { seconds = 0, isLong = false, isFragmented = false, sound = true, width } = movie
  const units = Math.round(seconds * 600)
  const header = join([isLong ? 1 : 0, 0, 0, 0], times(isLong), be32(600), time(isLong, isFragmented ? 0 : units))
  const extends_ = box('mvex', box('mehd', [isLong ? 1 : 0, 0, 0, 0], time(isLong, units)))
  return box(
    'moov',
    box('mvhd', header, Buffer.alloc(80)),
    some(isFragmented, extends_),
    some(sound, track('soun', { isLong })),
    some(width, track('vide', movie)),
  )
}

export const mp4 = (movie: Movie, brand = 'isom') =>
  join(fileType(brand), box('free'), moov(movie), box('mdat', [1, 2]))

/** Two items, of which the second is shown: a preview, and a picture that is turned by quarters to the left. */
export function heif({ width = 40, height = 30 }: Look, quarters: number, brand = 'heic', isLong = false): Buffer {
  const extent = (x: number, y: number) => box('ispe', be32(0), be32(x), be32(y))
  const id = isLong ? be32 : be16
  const index = isLong ? be16 : (n: number) => [n]
  const essential = isLong ? 0x8000 : 0x80
  const properties = box('ipco', extent(8, 8), extent(width, height), box('irot', [quarters]))
  const associations = box(
    'ipma',
    [isLong ? 1 : 0, 0, 0, isLong ? 1 : 0],
    be32(2),
    join(id(1), [1], index(1)),
    join(id(2), [2], index(2), index(essential + 3)),
  )
  const primary = box('pitm', [isLong ? 1 : 0, 0, 0, 0], id(2))
  const meta = box('meta', be32(0), box('hdlr', Buffer.alloc(24)), primary, box('iprp', properties, associations))
  return join(fileType(brand), meta, box('mdat', [1]))
}

export const wav = (seconds: number, declared?: number) => {
  const data = Buffer.alloc(seconds * 8_000)
  const format = riffChunk('fmt ', le16(1), le16(1), le32(8_000), le32(8_000), le16(1), le16(8))
  const size = declared ?? data.length
  return join('RIFF', le32(36 + data.length), 'WAVE', format, riffChunk('LIST', 'odd'), 'data', le32(size), data)
}

/** A frame of MPEG 1 layer III at 44,100 Hz in stereo. The index 9 is 128 kbit/s, and 5 is 64. */
export const mp3Frame = (bitRateIndex: number, content: Part = []) => {
  const kilobits = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128][bitRateIndex] ?? 0
  const body = bytesOf(content)
  const bytes = Math.floor((1152 * kilobits * 125) / 44_100)
  return join([0xff, 0xfb, bitRateIndex << 4, 0], body, Buffer.alloc(bytes - 4 - body.length))
}

export const id3 = (bytes: number) => join('ID3', [4, 0, 0, 0, 0, bytes >> 7, bytes & 127], Buffer.alloc(bytes))

const oggPage = (granule: number, packet: Part) => {
  const body = bytesOf(packet)
  return join('OggS', [0, 0], le64(granule), be32(1), be32(1), be32(1), [1, body.length], body)
}

export const opus = (seconds: number) =>
  join(
    oggPage(0, join('OpusHead', [1, 1], le16(312), le32(48_000), [0, 0, 0])),
    oggPage(0, 'OpusTags'),
    oggPage(seconds * 48_000 + 312, [1, 2, 3]),
  )

export const vorbis = (seconds: number) =>
  join(oggPage(0, join([1], 'vorbis', le32(0), [1], le32(44_100))), oggPage(seconds * 44_100, [1, 2, 3]))

export const flac = (seconds: number) => {
  const samples = seconds * 44_100
  const rate = join([44_100 >> 12, (44_100 >> 4) & 255, ((44_100 & 15) << 4) | 2, 0xf0 | Math.floor(samples / 2 ** 32)])
  return join('fLaC', [0, 0, 0, 34], Buffer.alloc(10), rate, be32(samples % 2 ** 32), Buffer.alloc(16))
}

export const element = (id: number[], ...content: Part[]) => {
  const body = join(...content)
  return join(
    id,
    [0x08],
    written(4, (buffer) => buffer.writeUInt32BE(body.length)),
    body,
  )
}

const double = (value: number) => written(8, (buffer) => buffer.writeDoubleBE(value))

export function webm({ width = 0, height = 0, seconds = 0 }: Movie, isOpen = false): Buffer {
  const info = element(
    [0x15, 0x49, 0xa9, 0x66],
    element([0x2a, 0xd7, 0xb1], be32(500_000)),
    some(seconds, element([0x44, 0x89], double(seconds * 2_000))),
  )
  const video = element([0xe0], element([0xb0], be16(width)), element([0xba], be16(height)))
  const tracks = element(
    [0x16, 0x54, 0xae, 0x6b],
    element([0xae], [0x83, 0x81, 2]),
    element([0xae], some(width, video)),
  )
  const cluster = element([0x1f, 0x43, 0xb6, 0x75], Buffer.alloc(50))
  const segmentId = [0x18, 0x53, 0x80, 0x67]
  const segmentBody = join(info, tracks, cluster)
  return join(
    element([0x1a, 0x45, 0xdf, 0xa3], element([0x42, 0x82], 'webm')),
    isOpen ? join(segmentId, [0x01], Buffer.alloc(7, 0xff), segmentBody) : element(segmentId, segmentBody),
  )
}
