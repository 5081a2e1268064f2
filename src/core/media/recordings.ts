import { boxes, type Chunk, riffChunks } from './containers'
import { type Measure, type Measured, noteSeconds, noteSize } from './measured'

/** MP4, QuickTime, and 3GPP, if the index (`moov`) precedes the media. */
export const measureMovie: Measure = (head, found, size) => {
  for (const { type, start, end } of boxes(head, 0, size))
    if (type === 'moov') return measureIndex(head, found, start, end)
}

function measureIndex(head: Buffer, found: Measured, from: number, to: number) {
  let timescale = 0
  for (const { type, start, end } of boxes(head, from, to)) {
    const isLong = head.readUInt8(start) === 1
    if (type === 'mvhd') {
      timescale = head.readUInt32BE(start + (isLong ? 20 : 12))
      noteTime(head, found, start + (isLong ? 24 : 16), isLong, timescale)
    }
    // The length of a fragmented movie.
    if (type === 'mvex')
      for (const box of boxes(head, start, end))
        if (box.type === 'mehd') noteTime(head, found, box.start + 4, head.readUInt8(box.start) === 1, timescale)
    if (type === 'trak' && found.width === undefined) measureTrack(head, found, start, end)
  }
}

function noteTime(head: Buffer, found: Measured, at: number, isLong: boolean, timescale: number) {
  const units = isLong ? Number(head.readBigUInt64BE(at)) : head.readUInt32BE(at)
  // All bits set say that it is unknown.
  if (units > 0 && units !== 0xffff_ffff) noteSeconds(found, units / timescale)
}

/** The size of a video track as it is shown: in 16.16 fixed point, before the matrix. */
function measureTrack(head: Buffer, found: Measured, from: number, to: number) {
  let header: Chunk | undefined
  for (const { type, start, end, at } of boxes(head, from, to)) {
    if (type === 'tkhd') header = { type, start, end, at }
    if (type !== 'mdia' || !header) continue
    for (const box of boxes(head, start, end)) {
      if (box.type !== 'hdlr') continue
      if (head.toString('latin1', box.start + 8, box.start + 12) === 'vide') noteTrackSize(head, found, header.start)
      return
    }
  }
}

function noteTrackSize(head: Buffer, found: Measured, start: number) {
  const matrix = start + (head.readUInt8(start) === 1 ? 52 : 40)
  const isTurned = head.readInt32BE(matrix) === 0 && head.readInt32BE(matrix + 16) === 0
  const pixels = (at: number) => Math.round(head.readUInt32BE(at) / 65_536)
  noteSize(found, pixels(matrix + 36), pixels(matrix + 40), isTurned)
}

export const measureWav: Measure = (head, found, size) => {
  let bytesPerSecond = 0
  for (const { type, start, end } of riffChunks(head, size)) {
    if (type === 'fmt ') bytesPerSecond = head.readUInt32LE(start + 8)
    // A recorder that could not go back has left the size open.
    const dataEnd = end === start ? size : Math.min(end, size)
    if (type === 'data') return noteSeconds(found, (dataEnd - start) / bytesPerSecond)
  }
}

export const measureFlac: Measure = (head, found) => {
  const samples = (head.readUInt8(21) % 16) * 2 ** 32 + head.readUInt32BE(22)
  noteSeconds(found, samples / (head.readUIntBE(18, 3) >> 4))
}

/** The last page says how long Opus or Vorbis is, so only a file that is here as a whole is measured. */
export const measureOgg: Measure = (head, found, size) => {
  if (size > head.length) return
  const packet = 27 + head.readUInt8(26)
  const samples = Number(head.readBigInt64LE(head.lastIndexOf('OggS', undefined, 'latin1') + 6))
  if (head.toString('latin1', packet, packet + 8) === 'OpusHead')
    noteSeconds(found, (samples - head.readUInt16LE(packet + 10)) / 48_000)
  if (head.toString('latin1', packet + 1, packet + 7) === 'vorbis')
    noteSeconds(found, samples / head.readUInt32LE(packet + 12))
}
