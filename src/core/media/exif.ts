const orientationTag = 0x0112

const prefix = 'Exif\0\0'

/** The orientation in Exif data (1 to 8, as in TIFF 6.0), with or without the prefix of JPEG; 1 if it has none. */
export function orientationOf(exif: Buffer): number {
  const tiff = exif.toString('latin1', 0, prefix.length) === prefix ? exif.subarray(prefix.length) : exif
  const isLittle = tiff.toString('latin1', 0, 2) === 'II'
  const int16 = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  try {
    const start = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
    const count = int16(start)
    for (let at = start + 2; at < start + 2 + 12 * count; at += 12)
      if (int16(at) === orientationTag) return [2, 3, 4, 5, 6, 7, 8].includes(int16(at + 8)) ? int16(at + 8) : 1
  } catch {
    // The data ends early.
  }
  return 1
}

/** Exif data that has an orientation and nothing else; undefined for that of a picture that is stored as it is shown. */
export function orientationAlone(orientation: number): Buffer | undefined {
  if (orientation === 1) return undefined
  const exif = Buffer.alloc(26)
  exif.write('MM')
  exif.writeUInt16BE(42, 2)
  // One directory, of one entry: a number of 16 bits.
  exif.writeUInt32BE(8, 4)
  exif.writeUInt16BE(1, 8)
  exif.writeUInt16BE(orientationTag, 10)
  exif.writeUInt16BE(3, 12)
  exif.writeUInt32BE(1, 14)
  exif.writeUInt16BE(orientation, 18)
  return exif
}

/** Whether what is shown upright is stored lying on its side. */
export const isTurned = (orientation: number) => orientation > 4
