// The network between a client that an app would ship and the worker: it counts, it can be cut, and it keeps what passed.
import { send } from './call'

/** A WebSocket as a client sees one, over the worker's own end. */
export class NetworkSocket extends EventTarget<WebSocketEventMap> {
  readonly url: URL
  readonly sent: string[] = []
  readyState: number = WebSocket.CONNECTING
  #wire: WebSocket | undefined
  /** What the client sends is lost. */
  isDeaf = false
  /** What the server sends is lost. */
  isMute = false

  constructor(url: string) {
    super()
    this.url = new URL(url)
    this.#connect()
  }

  async #connect() {
    const { response } = await send(
      new Request(this.url.href.replace(/^ws/, 'http'), { headers: { Upgrade: 'websocket' } }),
    )
    const { webSocket } = response
    if (!webSocket) return this.#closed(1006)
    this.#wire = webSocket
    webSocket.addEventListener('message', ({ data }) => {
      if (!this.isMute) this.dispatchEvent(new MessageEvent('message', { data }))
    })
    webSocket.addEventListener('close', ({ code }) => {
      webSocket.close()
      if (!this.isMute) this.#closed(code)
    })
    webSocket.accept()
    if (this.readyState !== WebSocket.CONNECTING) return webSocket.close()
    this.readyState = WebSocket.OPEN
    this.dispatchEvent(new Event('open'))
  }

  #closed(code: number) {
    this.readyState = WebSocket.CLOSED
    this.dispatchEvent(new CloseEvent('close', { code }))
  }

  send(text: string) {
    this.sent.push(text)
    if (!this.isDeaf) this.#wire?.send(text)
  }

  close() {
    this.readyState = WebSocket.CLOSED
    this.#wire?.close()
  }

  /** The network goes down, and the client notices. */
  cut() {
    this.close()
    this.#closed(1006)
  }
}

const abortOf = ({ signal }: Request) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

export class Network {
  readonly requests: string[] = []
  readonly sockets: NetworkSocket[] = []
  isUp = true
  /** Replaces the server's response when it returns one, or a promise of one. */
  intercept: (request: Request) => Response | Promise<Response> | undefined = () => undefined

  readonly fetch = async (request: Request): Promise<Response> => {
    this.requests.push(`${request.method} ${new URL(request.url).pathname}`)
    if (!this.isUp) throw new TypeError('There is no network.')
    const answered = this.intercept(request)
    if (answered) return Promise.race([answered, abortOf(request)])
    // On a wire a body has its length declared.
    const body = request.body === null ? null : await request.arrayBuffer()
    const headers = new Headers(request.headers)
    if (body) headers.set('Content-Length', String(body.byteLength))
    return (await send(new Request(request.url, { method: request.method, headers, body }))).response
  }

  readonly open = (url: string): NetworkSocket => {
    const socket = new NetworkSocket(url)
    this.sockets.push(socket)
    return socket
  }

  /** The connections that the client has opened and not closed. */
  get openSockets() {
    return this.sockets.filter(({ readyState }) => readyState <= WebSocket.OPEN)
  }

  /** The most recently opened connection. */
  get socket(): NetworkSocket {
    const socket = this.sockets.at(-1)
    if (!socket) throw new Error('No socket was opened')
    return socket
  }

  count(request: string): number {
    return this.requests.filter((one) => one === request).length
  }
}
