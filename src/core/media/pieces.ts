/** That a picture is cut off or malformed. */
export class UnusablePicture extends Error {}

/** A part of the original, as offsets, or bytes in place of a part. */
type Piece = { from: number; to: number } | Uint8Array

export interface Bounds {
  /** Segments, chunks, or blocks of a picture. */
  partsMax: number
  /** Of Exif data, what is looked at. */
  exifBytesMax: number
}

/** What a cleaned picture is put together from, in order. */
export class Pieces {
  readonly all: Piece[] = []
  /** In bytes. */
  size = 0
  #parts = 0
  readonly bounds: Bounds

  constructor(bounds: Bounds) {
    this.bounds = bounds
  }

  /** Counts a part of the picture, so that a list of tiny ones does not fill the memory. */
  countPart() {
    this.#parts++
    if (this.#parts > this.bounds.partsMax) throw new UnusablePicture('The picture has too many parts')
  }

  keep(from: number, to: number) {
    const last = this.all.at(-1)
    if (last && 'to' in last && last.to === from) last.to = to
    else this.all.push({ from, to })
    this.size += to - from
  }

  /** Adds bytes, which can still be changed afterward. */
  put(bytes: Uint8Array) {
    this.all.push(bytes)
    this.size += bytes.length
  }
}
