/** The most bytes that one unit of a text takes in UTF-8. */
const bytesPerUnitMax = 3

/** Counts the bytes of texts in UTF-8, and a separator after each. Near a limit only: counting takes time. */
export class ByteCount {
  #bytes = 0
  #uncounted: string[] = []
  #units = 0

  add(text: string) {
    this.#uncounted.push(text)
    this.#units += text.length + 1
  }

  isOver(limit: number): boolean {
    if (this.#bytes + this.#units * bytesPerUnitMax <= limit) return false
    for (const text of this.#uncounted) this.#bytes += Buffer.byteLength(text) + 1
    this.#uncounted = []
    this.#units = 0
    return this.#bytes > limit
  }
}
