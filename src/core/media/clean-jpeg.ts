import type { ByteReader } from './byte-reader'
import { isFrame, marker } from './containers'
import { orientationAlone, orientationOf } from './exif'
import { type Pieces, UnusablePicture } from './pieces'

const [startOfImage, endOfImage] = [0xd8, 0xd9]

/** Whether a byte after 0xff belongs to the data of a scan: a stuffed zero, another 0xff, or a restart. */
const isInScan = (next: number | undefined) =>
  next === 0 || next === 0xff || (next !== undefined && next >= 0xd0 && next <= 0xd7)

/** Reads up to the marker that ends a scan. */
async function skipScan(file: ByteReader) {
  for (;;) {
    const bytes = await file.window(2)
    let at = bytes.indexOf(0xff)
    while (at !== -1 && at + 1 < bytes.length && isInScan(bytes[at + 1]))
      at = bytes[at + 1] === 0xff ? at + 1 : bytes.indexOf(0xff, at + 2)
    await file.skip(at === -1 ? bytes.length : at)
    if (at !== -1 && at + 1 < bytes.length) return
  }
}

/** Reads a marker, and the fill bytes before it. */
async function takeMarker(file: ByteReader): Promise<number> {
  if ((await file.window(1))[0] !== 0xff) throw new UnusablePicture('There is no marker')
  for (;;) {
    const bytes = await file.window(2)
    let at = 0
    while (at + 1 < bytes.length && bytes[at + 1] === 0xff) at++
    await file.skip(at)
    if (at + 1 < bytes.length) return (await file.take(2)).readUInt8(1)
  }
}

const startsWith = (content: Buffer, text: string) => content.toString('latin1', 0, text.length) === text

const segment = (of: number, content: Buffer): Buffer => {
  const head = Buffer.from([0xff, of, 0, 0])
  head.writeUInt16BE(content.length + 2, 2)
  return Buffer.concat([head, content])
}

const noThumbnail = Buffer.alloc(2)

/** What stays of a segment that an application wrote; undefined if nothing does. */
function cleanSegment(of: number, content: Buffer): Buffer | undefined {
  if (of === marker.app0 && startsWith(content, 'JFIF\0') && content.length >= 14)
    return Buffer.concat([content.subarray(0, 12), noThumbnail])
  if (of === marker.app1 && startsWith(content, 'Exif\0')) {
    const alone = orientationAlone(orientationOf(content))
    return alone && Buffer.concat([Buffer.from('Exif\0\0'), alone])
  }
  if (of === marker.app2 && startsWith(content, 'ICC_PROFILE\0')) return content
  return of === marker.app14 && startsWith(content, 'Adobe') ? content.subarray(0, 12) : undefined
}

const isOfApplication = (of: number) => (of >= marker.app0 && of <= marker.app15) || of >= 0xf0

/** Leaves out what applications wrote (ITU-T T.81, annex B), except the orientation, the color profile, and how colors are coded. */
export async function cleanJpeg(file: ByteReader, kept: Pieces) {
  if ((await file.take(2)).readUInt16BE() !== 0xff00 + startOfImage) throw new UnusablePicture('This is no JPEG')
  kept.keep(0, 2)
  let hasExif = false
  let [frames, scans] = [0, 0]
  for (;;) {
    kept.countPart()
    const { at } = file
    const of = await takeMarker(file)
    if (of === endOfImage) break
    if (of < 0xc0 || (of >= 0xd0 && of <= startOfImage)) throw new UnusablePicture('There is no segment')
    const length = (await file.take(2)).readUInt16BE() - 2
    if (length < 0) throw new UnusablePicture('A segment has no content')
    const content = await file.take(length)
    if (isOfApplication(of)) {
      const clean = hasExif && of === marker.app1 ? undefined : cleanSegment(of, content)
      hasExif ||= of === marker.app1 && startsWith(content, 'Exif\0')
      if (clean) kept.put(segment(of, clean))
      continue
    }
    if (isFrame(of)) frames++
    if (of === marker.scan) {
      scans++
      await skipScan(file)
    }
    kept.keep(at, file.at)
  }
  if (frames === 0 || scans === 0) throw new UnusablePicture('There is no picture')
  kept.keep(file.at - 2, file.at)
}
