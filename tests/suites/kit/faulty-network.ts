// The network of one device: a proxy on loopback that knows HTTP and WebSockets, and does to them what the weather says.
import { once } from 'node:events'
import { createServer, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, random } from '../../support/random.ts'
import { SocketPipe } from './socket-pipe.ts'
import { type Answer, spoiled, type Weather } from './weather.ts'

const delayMaxMs = 150
/** Of the service alone: they describe the connection, not the answer. */
const ownHeaders = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding'])

export class FaultyNetwork {
  /** Every request that came, such as `POST /v1/realtime/tickets`, and `WebSocket` for one that connects. */
  readonly requests: string[] = []
  /** The most connections that the client has held at one time. */
  openMost = 0
  readonly #servicePort: number
  readonly #draw: Random
  readonly #server = createServer((request, response) => void this.#answer(request, response).catch(() => {}))
  readonly #sockets = new Set<Socket>()
  readonly #pipes = new Set<SocketPipe>()
  #weather: Weather = 'clear'

  private constructor(servicePort: number, seed: number) {
    this.#servicePort = servicePort
    this.#draw = random(seed)
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => this.#sockets.delete(socket))
      if (this.#weather === 'cut') socket.destroy()
    })
    this.#server.on('upgrade', (request, client) => this.#connect(request, client))
  }

  static async open(servicePort: number, seed: number): Promise<FaultyNetwork> {
    const network = new FaultyNetwork(servicePort, seed)
    network.#server.listen(0, '127.0.0.1')
    await once(network.#server, 'listening')
    return network
  }

  get origin(): string {
    const { port } = this.#server.address() as AddressInfo
    return `http://127.0.0.1:${port}`
  }

  /** The connections that the client holds. */
  get openCount(): number {
    return [...this.#pipes].filter(({ isOpenForClient }) => isOpenForClient).length
  }

  change(weather: Weather) {
    this.#weather = weather
    for (const pipe of this.#pipes) pipe.suffer(weather)
    if (weather === 'cut') for (const socket of this.#sockets) socket.destroy()
  }

  close() {
    for (const pipe of this.#pipes) pipe.destroy()
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #connect(request: IncomingMessage, client: Duplex) {
    this.requests.push('WebSocket')
    const weather = () => this.#weather
    const pipe = new SocketPipe({ request, client, servicePort: this.#servicePort, weather, draw: this.#draw })
    this.#pipes.add(pipe)
    this.openMost = Math.max(this.openMost, this.openCount)
  }

  #isAny(...weathers: Weather[]) {
    return weathers.includes(this.#weather)
  }

  async #answer(request: IncomingMessage, response: ServerResponse) {
    this.requests.push(`${request.method} ${request.url?.split('?')[0]}`)
    const body = await buffer(request)
    if (this.#isAny('silent')) return
    const answer = await this.#forward(request, body)
    if (this.#weather === 'slow') await sleep(this.#draw.below(delayMaxMs))
    if (this.#isAny('silent', 'losing')) return
    const isSpoiled = this.#weather === 'spoiling' && this.#draw.below(2) === 0
    const { status, headers, body: content } = isSpoiled ? spoiled(answer, this.#draw) : answer
    response.writeHead(status, { ...headers, 'content-length': content.length }).end(content)
  }

  async #forward({ method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
    const forwarded = openRequest({ port: this.#servicePort, host: '127.0.0.1', method, path: url, headers })
    forwarded.end(body)
    const [answer]: IncomingMessage[] = await once(forwarded, 'response')
    if (!answer) throw new Error('There is no answer')
    const kept = Object.entries(answer.headers).filter(([name]) => !ownHeaders.has(name))
    return {
      status: answer.statusCode ?? 0,
      headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
      body: await buffer(answer),
    }
  }
}
