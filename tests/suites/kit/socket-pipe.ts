// One WebSocket through the faulty network.
import type { IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../support/random.ts'
import type { Weather } from './weather.ts'
import { FrameReader, textFrame, type WireFrame } from './wire-frames.ts'

const delayMaxMs = 80
const headEnd = '\r\n\r\n'

export interface PipeOptions {
  request: IncomingMessage
  client: Duplex
  servicePort: number
  weather: () => Weather
  draw: Random
}

/** The request as it came, without the offer to compress: frames are read here. */
function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/1.1`]
  for (let n = 0; n < rawHeaders.length; n += 2)
    if (!/^sec-websocket-extensions$/i.test(rawHeaders[n] ?? '')) lines.push(`${rawHeaders[n]}: ${rawHeaders[n + 1]}`)
  return lines.join('\r\n') + headEnd
}

export class SocketPipe {
  /** Until the client has closed it, or lost it. */
  isOpenForClient = true
  readonly #options: PipeOptions
  readonly #service: Socket
  readonly #fromClient = new FrameReader()
  readonly #fromService = new FrameReader()
  #head = Buffer.alloc(0)
  #isHeadRead = false
  /** Nothing passes any more, in one direction or in both. */
  #isDeaf = false
  #isMute = false
  #delivered: Promise<unknown> = Promise.resolve()

  constructor(options: PipeOptions) {
    this.#options = options
    const { client, request, servicePort } = options
    this.#service = connect(servicePort, '127.0.0.1')
    this.suffer(options.weather())
    if (!this.#isDeaf) this.#service.write(headOf(request))
    client.on('data', (chunk: Buffer) => this.#takeFromClient(chunk))
    this.#service.on('data', (chunk: Buffer) => this.#takeFromService(chunk))
    for (const end of [client, this.#service]) end.on('error', () => {})
    // Node's HTTP server leaves a socket half open when the client ends it.
    for (const event of ['end', 'close']) client.once(event, () => this.#clientIsGone())
    this.#service.once('close', () => {
      if (!this.#isMute) void this.#delivered.then(() => client.destroy())
    })
  }

  /** What a change of the weather does to a connection that is open. */
  suffer(weather: Weather) {
    if (weather === 'silent') this.#isDeaf = true
    if (weather === 'silent' || weather === 'losing') this.#isMute = true
    if (weather === 'cut') this.destroy()
  }

  destroy() {
    this.#options.client.destroy()
    this.#service.destroy()
  }

  #clientIsGone() {
    this.isOpenForClient = false
    this.#options.client.destroy()
    // A service behind a silent network does not learn of it.
    if (!this.#isDeaf) this.#service.destroy()
  }

  #takeFromClient(chunk: Buffer) {
    for (const { isClose } of this.#fromClient.read(chunk)) if (isClose) this.isOpenForClient = false
    if (!this.#isDeaf) this.#service.write(chunk)
  }

  #takeFromService(chunk: Buffer) {
    if (this.#isHeadRead) return this.#takeFrames(chunk)
    this.#head = Buffer.concat([this.#head, chunk])
    const end = this.#head.indexOf(headEnd)
    if (end < 0) return
    this.#isHeadRead = true
    const length = end + headEnd.length
    this.#pass(this.#head.subarray(0, length))
    this.#takeFrames(this.#head.subarray(length))
  }

  #takeFrames(chunk: Buffer) {
    for (const frame of this.#fromService.read(chunk)) this.#pass(this.#afterWeather(frame))
  }

  #afterWeather({ raw, isText, payload }: WireFrame): Buffer {
    const { draw, weather } = this.#options
    if (weather() !== 'spoiling' || !isText || draw.below(2) === 0) return raw
    return textFrame(payload.subarray(0, draw.below(payload.length)))
  }

  /** In order, whatever the delays. */
  #pass(bytes: Buffer) {
    const { client, draw, weather } = this.#options
    const delayMs = weather() === 'slow' ? draw.below(delayMaxMs) : 0
    this.#delivered = this.#delivered
      .then(() => (delayMs > 0 ? sleep(delayMs) : undefined))
      .then(() => {
        if (!this.#isMute && !client.destroyed) client.write(bytes)
      })
  }
}
