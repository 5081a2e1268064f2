import { type Measure, type Measured, noteSeconds, noteSize } from './measured'

/** The elements that matter (RFC 9559), by their ids. */
const ids = {
  segment: 0x18538067,
  info: 0x1549a966,
  timestampScale: 0x2ad7b1,
  duration: 0x4489,
  tracks: 0x1654ae6b,
  track: 0xae,
  video: 0xe0,
  width: 0xb0,
  height: 0xba,
  cluster: 0x1f43b675,
}

const parents = new Set([ids.segment, ids.info, ids.tracks, ids.track, ids.video])
const depthMax = 4

interface Element {
  id: number
  start: number
  end: number
}

/** The elements from one place to another (RFC 8794). One whose size is unknown takes the rest. */
function* elements(head: Buffer, from: number, to: number): Generator<Element> {
  for (let at = from; at < to; ) {
    const idBytes = Math.clz32(head.readUInt8(at)) - 23
    if (idBytes > 4) return
    const sizeAt = at + idBytes
    const first = head.readUInt8(sizeAt)
    const sizeBytes = Math.clz32(first) - 23
    if (sizeBytes > 8) return
    const start = sizeAt + sizeBytes
    let size = first & (0xff >> sizeBytes)
    for (let byte = sizeAt + 1; byte < start; byte++) size = size * 256 + head.readUInt8(byte)
    const isUnknown = size >= 2 ** (7 * sizeBytes) - 1
    const end = isUnknown ? to : Math.min(start + size, to)
    yield { id: head.readUIntBE(at, idBytes), start, end }
    at = end
  }
}

interface Times {
  scale: number
  units: number
}

function measureElements(head: Buffer, found: Measured, times: Times, range: Omit<Element, 'id'>, depth: number) {
  const size: Measured = {}
  for (const { id, start, end } of elements(head, range.start, range.end)) {
    if (id === ids.cluster) return
    const int = () => head.readUIntBE(start, Math.min(end - start, 6))
    if (id === ids.timestampScale) times.scale = int()
    if (id === ids.duration) times.units = end - start === 4 ? head.readFloatBE(start) : head.readDoubleBE(start)
    if (id === ids.width) size.width = int()
    if (id === ids.height) size.height = int()
    if (parents.has(id) && depth < depthMax) measureElements(head, found, times, { start, end }, depth + 1)
    if (id === ids.info) noteSeconds(found, (times.units * times.scale) / 1e9)
  }
  if (found.width === undefined && size.width && size.height) noteSize(found, size.width, size.height)
}

/** WebM and Matroska: what precedes the media. Recorders of browsers leave out the duration. */
export const measureMatroska: Measure = (head, found, size) =>
  measureElements(head, found, { scale: 1_000_000, units: 0 }, { start: 0, end: size }, 0)
