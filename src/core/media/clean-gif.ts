import type { ByteReader } from './byte-reader'
import { type Pieces, UnusablePicture } from './pieces'

/** What introduces a block, and the labels of extensions (GIF89a, appendix A). */
const [extension, image, trailer] = [0x21, 0x2c, 0x3b]
const [graphicControl, application] = [0xf9, 0xff]

/** Extensions by applications that change what is shown: how often an animation repeats, and the color profile. */
const shown = new Set(['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012'])

/** Reads blocks of data up to the empty one that ends them. */
async function skipSubBlocks(file: ByteReader) {
  for (;;) {
    const bytes = await file.window(1)
    let at = 0
    while (at < bytes.length) {
      const length = bytes[at] ?? 0
      at += 1 + length
      if (length === 0) return file.skip(at)
    }
    await file.skip(at)
  }
}

/** Reads a table of colors if the flags announce one. */
async function skipColors(file: ByteReader, flags: number) {
  if (flags & 0x80) await file.skip(3 * 2 ** ((flags & 7) + 1))
}

/** Reads an extension. Returns whether it has a part in what is shown. */
async function skipExtension(file: ByteReader): Promise<boolean> {
  const label = (await file.take(1)).readUInt8()
  const size = label === application ? (await file.window(1))[0] : 0
  const name = size === 11 ? (await file.window(12)).toString('latin1', 1, 12) : ''
  await skipSubBlocks(file)
  return label === graphicControl || shown.has(name)
}

async function skipImage(file: ByteReader) {
  const descriptor = await file.take(9)
  await skipColors(file, descriptor.readUInt8(8))
  // The minimum size of codes.
  await file.skip(1)
  await skipSubBlocks(file)
}

/** Leaves out comments, texts, and what applications wrote. */
export async function cleanGif(file: ByteReader, pieces: Pieces) {
  const head = await file.take(13)
  if (!/^GIF8[79]a/.test(head.toString('latin1', 0, 6))) throw new UnusablePicture('This is no GIF')
  await skipColors(file, head.readUInt8(10))
  pieces.keep(0, file.at)
  let images = 0
  for (let block = 0; block !== trailer; ) {
    pieces.countPart()
    const { at } = file
    block = (await file.take(1)).readUInt8()
    if (block !== extension && block !== image && block !== trailer) throw new UnusablePicture('There is no block')
    if (block === image) {
      images++
      await skipImage(file)
    }
    if (block !== extension || (await skipExtension(file))) pieces.keep(at, file.at)
  }
  if (images === 0) throw new UnusablePicture('There is no picture')
}
