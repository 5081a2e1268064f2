import { type Measure, type Measured, noteSeconds } from './measured'

/** Of layer III, by the index in a header, in kilobits per second. */
const bitRates = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
]
const sampleRates = [44_100, 48_000, 32_000]

interface Frame {
  bitRate: number
  sampleRate: number
  samples: number
  bytes: number
  /** Where a count of all frames would be. */
  summary: number
}

/** The frame of layer III at a place (ISO/IEC 11172-3, section 2.4.1.3; ISO/IEC 13818-3). */
function frameAt(head: Buffer, at: number): Frame | undefined {
  const bits = head.readUInt32BE(at)
  const version = (bits >> 19) & 3
  const rate = sampleRates[(bits >> 10) & 3]
  const bitRate = bitRates[version === 3 ? 0 : 1]?.[(bits >> 12) & 15]
  if (bits >>> 21 !== 0x7ff || version === 1 || ((bits >> 17) & 3) !== 1 || !rate || !bitRate) return undefined
  const sampleRate = rate / (version === 3 ? 1 : version === 2 ? 2 : 4)
  const samples = version === 3 ? 1152 : 576
  const bytes = Math.floor((samples * bitRate * 125) / sampleRate) + ((bits >> 9) & 1)
  const isMono = ((bits >> 6) & 3) === 3
  const summary = at + 4 + (version === 3 ? (isMono ? 17 : 32) : isMono ? 9 : 17)
  return { bitRate, sampleRate, samples, bytes, summary }
}

/** How far after the tags the first frame is looked for. */
const searchedBytesMax = 4_096

const afterTags = (head: Buffer): number => {
  if (head.toString('latin1', 0, 3) !== 'ID3') return 0
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + head.readUInt8(at), 0)
  return 10 + size + (head.readUInt8(5) & 0x10 ? 10 : 0)
}

/** MP3, by its count of frames, or by its size if all frames here have the same bit rate. */
export const measureMpegAudio: Measure = (head, found, size) => {
  const start = afterTags(head)
  for (let at = start; at < start + searchedBytesMax; at++) {
    const frame = frameAt(head, at)
    const isFirst = frame && (at + frame.bytes >= size || frameAt(head, at + frame.bytes))
    if (isFirst) return measureFrames(head, found, size, at, frame)
  }
}

function measureFrames(head: Buffer, found: Measured, size: number, first: number, frame: Frame) {
  const { sampleRate, samples, bitRate, summary } = frame
  const isCounted = ['Xing', 'Info'].includes(head.toString('latin1', summary, summary + 4))
  if (isCounted && head.readUInt32BE(summary + 4) % 2 === 1)
    return noteSeconds(found, (head.readUInt32BE(summary + 8) * samples) / sampleRate)
  if (head.toString('latin1', first + 36, first + 40) === 'VBRI')
    return noteSeconds(found, (head.readUInt32BE(first + 50) * samples) / sampleRate)
  for (let at = first; at + 4 <= head.length; ) {
    const next = frameAt(head, at)
    if (!next) break
    if (next.bitRate !== bitRate) return
    at += next.bytes
  }
  noteSeconds(found, (size - first) / (bitRate * 125))
}
