import type { ByteReader } from './byte-reader'
import { orientationAlone, orientationOf } from './exif'
import { type Pieces, UnusablePicture } from './pieces'

/** Of the flags in `VP8X` (RFC 9649, section 2.7.1). */
const [hasExif, hasXmp] = [0x08, 0x04]

const headerBytes = 8
const extendedBytes = 10
const frameBytes = 16

const bitmaps = new Set(['VP8 ', 'VP8L'])
const inFrame = new Set([...bitmaps, 'ALPH'])
const kept = new Set([...inFrame, 'ANIM', 'ICCP'])

const chunk = (type: string, content: Buffer): Buffer => {
  const head = Buffer.from(`${type}\0\0\0\0`)
  head.writeUInt32LE(content.length, 4)
  return Buffer.concat([head, content])
}

interface Header {
  at: number
  type: string
  length: number
  /** Where the chunk ends, with its padding. */
  end: number
  bytes: Buffer
}

/** Reads the header of a chunk that has to end within what contains it. */
async function takeHeader(file: ByteReader, pieces: Pieces, within: number): Promise<Header> {
  pieces.countPart()
  const at = file.at
  const bytes = await file.take(headerBytes)
  const length = bytes.readUInt32LE(4)
  const end = file.at + length + (length % 2)
  if (end > within) throw new UnusablePicture('A chunk is longer than what contains it')
  return { at, type: bytes.toString('latin1', 0, 4), length, end, bytes }
}

/** Cleans one frame of an animation: what it contains that is not its picture goes. Returns whether it has one. */
async function cleanFrame(file: ByteReader, pieces: Pieces, frame: Header): Promise<boolean> {
  if (frame.length < frameBytes) throw new UnusablePicture('A frame has no header')
  const header = Buffer.from(frame.bytes)
  pieces.put(header)
  const before = pieces.size
  pieces.keep(file.at, file.at + frameBytes)
  await file.skip(frameBytes)
  let hasBitmap = false
  while (file.at < frame.end) {
    const { at, type, end } = await takeHeader(file, pieces, frame.end)
    await file.skip(end - file.at)
    hasBitmap ||= bitmaps.has(type)
    if (inFrame.has(type)) pieces.keep(at, end)
  }
  header.writeUInt32LE(pieces.size - before, 4)
  return hasBitmap
}

/** Leaves out Exif data other than the orientation, XMP, and chunks that the standard does not know. */
export async function cleanWebp(file: ByteReader, pieces: Pieces) {
  const riff = Buffer.from(await file.take(12))
  if (riff.toString('latin1', 0, 4) !== 'RIFF' || riff.toString('latin1', 8) !== 'WEBP')
    throw new UnusablePicture('This is no WebP')
  pieces.put(riff)
  const riffEnd = headerBytes + riff.readUInt32LE(4)
  let extended: Buffer | undefined
  let exif: 'none' | 'dropped' | 'kept' = 'none'
  let hasBitmap = false
  while (file.at < riffEnd) {
    const header = await takeHeader(file, pieces, riffEnd)
    const { at, type, end } = header
    if (type === 'VP8X') {
      if (header.length !== extendedBytes || extended) throw new UnusablePicture('The header is malformed')
      const whole = Buffer.concat([header.bytes, await file.take(extendedBytes)])
      pieces.put(whole)
      extended = whole
    } else if (type === 'ANMF') hasBitmap = (await cleanFrame(file, pieces, header)) || hasBitmap
    else if (type === 'EXIF' && exif === 'none') {
      const start = await file.take(Math.min(header.length, pieces.bounds.exifBytesMax))
      const alone = orientationAlone(orientationOf(start))
      exif = alone ? 'kept' : 'dropped'
      if (alone) pieces.put(chunk(type, alone))
    }
    await file.skip(end - file.at)
    if (kept.has(type)) pieces.keep(at, end)
    hasBitmap ||= bitmaps.has(type)
  }
  if (!hasBitmap) throw new UnusablePicture('There is no picture')
  const cleared = exif === 'kept' ? hasXmp : hasXmp | hasExif
  extended?.writeUInt8(extended.readUInt8(headerBytes) & ~cleared, headerBytes)
  riff.writeUInt32LE(pieces.size - headerBytes, 4)
}
