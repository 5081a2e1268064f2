import { limits } from './limits'
import { ByteReader } from './media/byte-reader'
import { cleanGif } from './media/clean-gif'
import { cleanJpeg } from './media/clean-jpeg'
import { cleanPng } from './media/clean-png'
import { cleanWebp } from './media/clean-webp'
import { Pieces, UnusablePicture } from './media/pieces'

/**
 * Own code, because no library cleans all four formats without decoding them. It looks at the parts of a picture alone,
 * never at its pixels, which stay as they are, byte for byte.
 */
const cleaners: Record<string, (file: ByteReader, pieces: Pieces) => Promise<void>> = {
  'image/jpeg': cleanJpeg,
  'image/png': cleanPng,
  'image/gif': cleanGif,
  'image/webp': cleanWebp,
}

/** The types of pictures that can be cleaned. */
export const cleanableTypes: readonly string[] = Object.keys(cleaners)

/**
 * Returns what stays of a picture once its metadata is left out: its pixels, its animation, its orientation and its color
 * profile, but no place, time, camera, text, or preview, and nothing after its end. Throws an `UnusablePicture` if it is
 * cut off or malformed. Work and memory are bounded, whatever the content is.
 */
export async function cleanPieces(contentType: string, content: AsyncIterable<Uint8Array>): Promise<Pieces> {
  const clean = cleaners[contentType]
  if (!clean) throw new UnusablePicture('This is no picture')
  const file = new ByteReader(content)
  const pieces = new Pieces({ partsMax: limits.picturePartsMax, exifBytesMax: limits.exifBytesMax })
  try {
    await clean(file, pieces)
    return pieces
  } finally {
    await file.close()
  }
}

/** Yields a cleaned picture. `content` is that of the original. */
export async function* cleanContent(content: AsyncIterable<Uint8Array>, pieces: Pieces): AsyncGenerator<Uint8Array> {
  const file = new ByteReader(content)
  try {
    for (const piece of pieces.all) {
      if (!('to' in piece)) {
        yield piece
        continue
      }
      await file.skip(piece.from - file.at)
      while (file.at < piece.to) yield await file.takeSome(piece.to - file.at)
    }
  } finally {
    await file.close()
  }
}
