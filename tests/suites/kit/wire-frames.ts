// WebSocket frames as they are on the wire (RFC 6455, 5.2).

const closeOpcode = 8
const textOpcode = 1
const maskBytes = 4

export interface WireFrame {
  raw: Buffer
  isClose: boolean
  isText: boolean
  /** Still masked in frames of a client. */
  payload: Buffer
}

/** The first frame, if it is complete. */
function frameIn(bytes: Buffer): WireFrame | undefined {
  if (bytes.length < 2) return undefined
  const [first, second] = [bytes.readUInt8(0), bytes.readUInt8(1)]
  const short = second & 0x7f
  const headBytes = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
  if (bytes.length < headBytes) return undefined
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
  const start = headBytes + (second & 0x80 ? maskBytes : 0)
  if (bytes.length < start + length) return undefined
  const opcode = first & 0x0f
  return {
    raw: bytes.subarray(0, start + length),
    isClose: opcode === closeOpcode,
    isText: opcode === textOpcode,
    payload: bytes.subarray(start, start + length),
  }
}

/** A text frame of a server. */
export function textFrame(payload: Buffer): Buffer {
  const head = payload.length < 126 ? Buffer.alloc(2) : Buffer.alloc(payload.length < 65_536 ? 4 : 10)
  head.writeUInt8(0x80 | textOpcode, 0)
  head.writeUInt8(head.length === 2 ? payload.length : head.length === 4 ? 126 : 127, 1)
  if (head.length === 4) head.writeUInt16BE(payload.length, 2)
  if (head.length === 10) head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

/** Cuts a stream of bytes into frames. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0)

  /** The frames that are complete with this chunk. */
  read(chunk: Buffer): WireFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk])
    const frames: WireFrame[] = []
    for (let frame = frameIn(this.#rest); frame; frame = frameIn(this.#rest)) {
      this.#rest = this.#rest.subarray(frame.raw.length)
      frames.push(frame)
    }
    return frames
  }
}
