// A minimal HTTP/1.1 client, because the client must not be the bottleneck: Node's own takes as long for a request as the
// bare worker does.
import { connect, type Socket } from 'node:net'

const headersEnd = Buffer.from('\r\n\r\n')

export interface HttpRequest {
  method: string
  path: string
  headers?: Record<string, string>
  body?: Buffer | string
}

export interface HttpResponse {
  status: number
  body: Buffer
}

/** Renders a request, to be sent as often as you like. */
export function render({ method, path, headers = {}, body }: HttpRequest): Buffer {
  const all = {
    Host: 'localhost',
    ...(body !== undefined && { 'Content-Length': String(Buffer.byteLength(body)) }),
    ...(typeof body === 'string' && { 'Content-Type': 'application/json' }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)])
}

/** A chunked body, or null if it has not all arrived. */
function chunkedBody(data: Buffer, start: number): Buffer | null {
  const chunks: Buffer[] = []
  for (let at = start; ; ) {
    const lineEnd = data.indexOf('\r\n', at)
    if (lineEnd === -1) return null
    const size = Number.parseInt(data.toString('latin1', at, lineEnd), 16)
    const next = lineEnd + 2 + size + 2
    if (next > data.length) return null
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(data.subarray(lineEnd + 2, next - 2))
    at = next
  }
}

type Parsed = { response: HttpResponse } | { bytesNeeded: number }

/** The response in the data, or how many bytes have to arrive before it is worth to look again. */
function parse(data: Buffer): Parsed {
  const headEnd = data.indexOf(headersEnd)
  if (headEnd === -1) return { bytesNeeded: data.length + 1 }
  const head = data.toString('latin1', 0, headEnd)
  const status = Number(head.slice(9, 12))
  const start = headEnd + headersEnd.length
  if (/\r\ntransfer-encoding: chunked/i.test(head)) {
    const body = chunkedBody(data, start)
    return body ? { response: { status, body } } : { bytesNeeded: data.length + 1 }
  }
  const end = start + Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
  return data.length < end ? { bytesNeeded: end } : { response: { status, body: data.subarray(start, end) } }
}

/** A kept-alive connection with one request at a time. */
export class Connection {
  readonly #socket: Socket
  #arrived: Buffer[] = []
  #bytes = 0
  #bytesNeeded = 0
  #waiting: PromiseWithResolvers<HttpResponse> | undefined

  constructor(origin: string) {
    this.#socket = connect({ host: '127.0.0.1', port: Number(new URL(origin).port), noDelay: true })
    this.#socket.on('data', (data) => this.#read(data))
    this.#socket.on('error', (error) => this.#waiting?.reject(error))
    this.#socket.on('close', () => this.#waiting?.reject(new Error('The connection was closed.')))
  }

  send(request: Buffer): Promise<HttpResponse> {
    this.#waiting = Promise.withResolvers<HttpResponse>()
    this.#socket.write(request)
    return this.#waiting.promise
  }

  close() {
    this.#socket.destroy()
  }

  #read(data: Buffer) {
    this.#arrived.push(data)
    this.#bytes += data.length
    if (this.#bytes < this.#bytesNeeded) return
    const all = this.#arrived.length === 1 ? data : Buffer.concat(this.#arrived)
    const parsed = parse(all)
    if ('response' in parsed) {
      this.#arrived = []
      this.#bytes = 0
      this.#bytesNeeded = 0
      this.#waiting?.resolve(parsed.response)
    } else {
      this.#arrived = [all]
      this.#bytesNeeded = parsed.bytesNeeded
    }
  }
}
