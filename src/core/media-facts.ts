import type { MediaFacts } from './file-metadata'
import { limits } from './limits'
import { measureMatroska } from './media/matroska'
import type { Measure, Measured } from './media/measured'
import { measureMpegAudio } from './media/mpeg-audio'
import { measureGif, measureHeif, measureJpeg, measurePng, measureWebp } from './media/pictures'
import { measureFlac, measureMovie, measureOgg, measureWav } from './media/recordings'

/**
 * Own code, because it has to work on the beginning of a file, never throws, and does work that its input bounds. The
 * libraries for this want whole files, have looped on malformed ones, or are larger than the Worker's budget.
 */
const measures: Record<string, Measure> = {
  'image/jpeg': measureJpeg,
  'image/png': measurePng,
  'image/gif': measureGif,
  'image/webp': measureWebp,
  'image/heic': measureHeif,
  'image/avif': measureHeif,
  'video/mp4': measureMovie,
  'video/quicktime': measureMovie,
  'video/3gpp': measureMovie,
  'audio/mp4': measureMovie,
  'video/webm': measureMatroska,
  'video/x-matroska': measureMatroska,
  'audio/webm': measureMatroska,
  'audio/x-matroska': measureMatroska,
  'audio/mpeg': measureMpegAudio,
  'audio/wav': measureWav,
  'audio/ogg': measureOgg,
  'audio/flac': measureFlac,
}

const isWithin = (value: number | undefined, max: number): value is number =>
  value !== undefined && value >= 1 && value <= max

/** What the first bytes of a file of `size` bytes say, as far as they go. It never throws. */
export function measuredFacts(head: Uint8Array, contentType: string, size: number): Omit<MediaFacts, 'blurHash'> {
  const found: Measured = {}
  const read = head.subarray(0, limits.mediaHeadBytesMax)
  try {
    measures[contentType]?.(Buffer.from(read.buffer, read.byteOffset, read.byteLength), found, size)
  } catch {
    // Malformed, or longer than what was read: what was found before stands.
  }
  const { width, height, durationMs } = found
  const hasSize = isWithin(width, limits.mediaPixelsMax) && isWithin(height, limits.mediaPixelsMax)
  return {
    width: hasSize ? width : null,
    height: hasSize ? height : null,
    durationMs: isWithin(durationMs, limits.mediaDurationMsMax) ? durationMs : null,
  }
}
