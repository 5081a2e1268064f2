import { boxes, isFrame, jpegSegments, marker, pngChunks, riffChunks } from './containers'
import { isTurned, orientationOf } from './exif'
import { type Measure, noteSize } from './measured'

export const measureJpeg: Measure = (head, found) => {
  let orientation = 0
  for (const { marker: of, start, end } of jpegSegments(head)) {
    if (of === marker.app1) orientation ||= exifOrientation(head.subarray(start, end))
    if (isFrame(of))
      return noteSize(found, head.readUInt16BE(start + 3), head.readUInt16BE(start + 1), isTurned(orientation))
  }
}

/** The orientation in a segment of Exif data; 0 for any other. */
const exifOrientation = (content: Buffer) =>
  content.toString('latin1', 0, 5) === 'Exif\0' ? orientationOf(content) : 0

export const measurePng: Measure = (head, found) => {
  for (const { type, start, end } of pngChunks(head)) {
    if (type === 'IHDR') noteSize(found, head.readUInt32BE(start), head.readUInt32BE(start + 4))
    if (type === 'eXIf' && isTurned(orientationOf(head.subarray(start, end)))) turn(found)
    if (type === 'IDAT') return
  }
}

function turn(found: Parameters<Measure>[1]) {
  const { width = 0, height = 0 } = found
  noteSize(found, height, width)
}

export const measureGif: Measure = (head, found) => noteSize(found, head.readUInt16LE(6), head.readUInt16LE(8))

export const measureWebp: Measure = (head, found, size) => {
  for (const { type, start, end } of riffChunks(head, size)) {
    if (type === 'VP8X') noteSize(found, head.readUIntLE(start + 4, 3) + 1, head.readUIntLE(start + 7, 3) + 1)
    if (type === 'EXIF' && isTurned(orientationOf(head.subarray(start, end)))) turn(found)
    if (found.width !== undefined) continue
    if (type === 'VP8 ') noteSize(found, head.readUInt16LE(start + 6) & 0x3fff, head.readUInt16LE(start + 8) & 0x3fff)
    if (type === 'VP8L') {
      const bits = head.readUInt32LE(start + 1)
      noteSize(found, (bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1)
    }
  }
}

/** HEIF and AVIF (ISO/IEC 23008-12): the properties that are associated with the primary item. */
export const measureHeif: Measure = (head, found, size) => {
  for (const { type, start, end } of boxes(head, 0, size)) {
    if (type !== 'meta') continue
    let primary = 0
    for (const box of boxes(head, start + 4, end)) {
      if (box.type === 'pitm') primary = itemIdAt(head, box.start + 4, head.readUInt8(box.start) > 0).id
      if (box.type === 'iprp') return measureItem(head, found, box, primary)
    }
  }
}

const itemIdAt = (head: Buffer, at: number, isLong: boolean) =>
  isLong ? { id: head.readUInt32BE(at), next: at + 4 } : { id: head.readUInt16BE(at), next: at + 2 }

interface Range {
  start: number
  end: number
}

function measureItem(head: Buffer, found: Parameters<Measure>[1], properties: Range, primary: number) {
  const parts = [...boxes(head, properties.start, properties.end)]
  const ipco = parts.find(({ type }) => type === 'ipco')
  const ipma = parts.find(({ type }) => type === 'ipma')
  if (!ipco || !ipma) return
  const known = [...boxes(head, ipco.start, ipco.end)]
  const own = propertiesOf(head, ipma.start, primary).flatMap((index) => known[index - 1] ?? [])
  const extent = own.find(({ type }) => type === 'ispe')
  const rotation = own.find(({ type }) => type === 'irot')
  const isOnItsSide = rotation !== undefined && head.readUInt8(rotation.start) % 2 === 1
  if (extent) noteSize(found, head.readUInt32BE(extent.start + 4), head.readUInt32BE(extent.start + 8), isOnItsSide)
}

/** The indexes of an item's properties, from 1, in an `ipma` box. */
function propertiesOf(head: Buffer, start: number, primary: number): number[] {
  const [hasLongIds, hasLongIndexes] = [head.readUInt8(start) > 0, head.readUInt8(start + 3) % 2 === 1]
  let at = start + 8
  for (let left = head.readUInt32BE(start + 4); left > 0; left--) {
    const { id, next } = itemIdAt(head, at, hasLongIds)
    const count = head.readUInt8(next)
    const bytes = hasLongIndexes ? 2 : 1
    at = next + 1 + count * bytes
    // The highest bit says whether the property is essential.
    if (id === primary)
      return Array.from({ length: count }, (_, n) =>
        hasLongIndexes ? head.readUInt16BE(next + 1 + n * 2) & 0x7fff : head.readUInt8(next + 1 + n) & 0x7f,
      )
  }
  return []
}
