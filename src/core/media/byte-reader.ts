import { UnusablePicture } from './pieces'

/** Reads content from its beginning to its end, with no more in memory than was asked for and one chunk. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  /** What came of the content and was not read yet. */
  #held: Buffer = Buffer.alloc(0)
  /** Where reading goes on, in bytes from the beginning. */
  at = 0

  constructor(content: AsyncIterable<Uint8Array>) {
    this.#chunks = content[Symbol.asyncIterator]()
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#chunks.next()
    if (done) throw new UnusablePicture('The picture is cut off')
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  }

  /** Returns what is at hand without reading it, and at least so many bytes. */
  async window(bytes: number): Promise<Buffer> {
    if (this.#held.length >= bytes) return this.#held
    const parts = [this.#held]
    for (let length = this.#held.length; length < bytes; ) {
      const chunk = await this.#next()
      parts.push(chunk)
      length += chunk.length
    }
    this.#held = Buffer.concat(parts)
    return this.#held
  }

  async skip(bytes: number) {
    let left = bytes
    while (left > this.#held.length) {
      left -= this.#held.length
      this.#held = await this.#next()
    }
    this.#held = this.#held.subarray(left)
    this.at += bytes
  }

  async take(bytes: number): Promise<Buffer> {
    const taken = (await this.window(bytes)).subarray(0, bytes)
    await this.skip(bytes)
    return taken
  }

  /** Reads what is at hand, up to so many bytes. */
  async takeSome(bytes: number): Promise<Buffer> {
    const { length } = await this.window(1)
    return this.take(Math.min(bytes, length))
  }

  /** Stops reading. */
  async close() {
    await this.#chunks.return?.()
  }
}
