/** The parts of pictures, in their order. A part that is not complete throws a RangeError. */

const malformed = (detail: string) => new RangeError(detail)

export interface Segment {
  marker: number
  /** Where its marker, its content, and what follows it begin. */
  at: number
  start: number
  end: number
}

export const marker = { app0: 0xe0, app1: 0xe1, app2: 0xe2, app14: 0xee, app15: 0xef, comment: 0xfe, scan: 0xda }

const endOfImage = 0xd9

/** Whether a segment begins a frame, and so has its size (ITU-T T.81, table B.1). */
export const isFrame = (of: number) => of >= 0xc0 && of <= 0xcf && of !== 0xc4 && of !== 0xc8 && of !== 0xcc

/** Where the data of a scan ends: at a marker other than those within it, before which any number of 0xff can be. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = from; ; at += 1) {
    at = bytes.indexOf(0xff, at)
    if (at === -1) throw malformed('A scan does not end')
    const next = bytes.readUInt8(at + 1)
    if (next !== 0 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
}

/** The segments of a JPEG file up to the end of the image. That of a scan includes its data. */
export function* jpegSegments(bytes: Buffer): Generator<Segment> {
  for (let at = 2; bytes.readUInt16BE(at) !== 0xff00 + endOfImage; ) {
    if (bytes.readUInt8(at) !== 0xff) throw malformed('There is no marker')
    const of = bytes.readUInt8(at + 1)
    if (of === 0xff) {
      at += 1
      continue
    }
    const start = at + 4
    const after = at + 2 + bytes.readUInt16BE(at + 2)
    if (after < start) throw malformed('A segment has no content')
    const end = of === marker.scan ? endOfScan(bytes, after) : after
    yield { marker: of, at, start, end }
    at = end
  }
}

/** A chunk or box: its type, and where it, its content, and what follows begin. The end can be beyond the bytes. */
export interface Chunk {
  type: string
  at: number
  start: number
  end: number
}

/** The chunks of a PNG file (ISO/IEC 15948, section 5.3), up to and including `IEND`. The end is that of the content. */
export function* pngChunks(bytes: Buffer): Generator<Chunk> {
  for (let at = 8, type = ''; type !== 'IEND'; ) {
    type = bytes.toString('latin1', at + 4, at + 8)
    const end = at + 8 + bytes.readUInt32BE(at)
    yield { type, at, start: at + 8, end }
    at = end + 4
  }
}

/** The chunks of a RIFF file, such as WebP and WAV, up to `end`. */
export function* riffChunks(bytes: Buffer, end: number): Generator<Chunk> {
  for (let at = 12; at < end; ) {
    const start = at + 8
    const contentEnd = start + bytes.readUInt32LE(at + 4)
    yield { type: bytes.toString('latin1', at, at + 4), at, start, end: contentEnd }
    at = contentEnd + (contentEnd % 2)
  }
}

/** The boxes of an ISO base media file (ISO/IEC 14496-12, section 4.2) from one place to another. */
export function* boxes(bytes: Buffer, from: number, to: number): Generator<Chunk> {
  for (let at = from; at < to; ) {
    const short = bytes.readUInt32BE(at)
    const isLong = short === 1
    const size = isLong ? Number(bytes.readBigUInt64BE(at + 8)) : short
    const start = at + (isLong ? 16 : 8)
    const end = short === 0 ? to : at + size
    if (end < start) throw malformed('A box is smaller than its header')
    yield { type: bytes.toString('latin1', at + 4, at + 8), at, start, end: Math.min(end, to) }
    at = end
  }
}
