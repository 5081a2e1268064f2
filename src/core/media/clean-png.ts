import { crc32 } from 'node:zlib'
import type { ByteReader } from './byte-reader'
import { orientationAlone, orientationOf } from './exif'
import { type Pieces, UnusablePicture } from './pieces'

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

/** The picture, its frames, and how its colors and pixels are meant (PNG, third edition, section 11). */
const kept = new Set([
  ...['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'acTL', 'fcTL', 'fdAT'],
  ...['cHRM', 'cICP', 'gAMA', 'iCCP', 'mDCV', 'cLLI', 'sBIT', 'sRGB', 'bKGD', 'hIST', 'pHYs'],
])

const isCritical = (type: string) => /^[A-Z]/.test(type)

const chunk = (type: string, content: Buffer): Buffer => {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), content, Buffer.alloc(4)])
  bytes.writeUInt32BE(content.length)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}

/** Leaves out texts, times, Exif data other than the orientation, and chunks that the standard does not know. */
export async function cleanPng(file: ByteReader, pieces: Pieces) {
  if (!(await file.take(8)).equals(signature)) throw new UnusablePicture('This is no PNG')
  pieces.keep(0, 8)
  const seen = new Set<string>()
  for (let type = ''; type !== 'IEND'; seen.add(type)) {
    pieces.countPart()
    const at = file.at
    const head = await file.take(8)
    const length = head.readUInt32BE()
    type = head.toString('latin1', 4)
    if (!/^[A-Za-z]{4}$/.test(type) || (type === 'IHDR') !== (seen.size === 0) || (type === 'IEND' && length > 0))
      throw new UnusablePicture('There is no such chunk here')
    const start = await file.take(type === 'eXIf' ? Math.min(length, pieces.bounds.exifBytesMax) : 0)
    await file.skip(length - start.length + 4)
    if (kept.has(type)) pieces.keep(at, file.at)
    else if (isCritical(type)) throw new UnusablePicture('A chunk is unknown')
    const orientation = type === 'eXIf' && !seen.has(type) && orientationAlone(orientationOf(start))
    if (orientation) pieces.put(chunk(type, orientation))
  }
  if (!seen.has('IDAT')) throw new UnusablePicture('There is no picture')
}
