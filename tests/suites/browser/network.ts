// A network that you can cut: a TCP proxy in front of the server. A browser in offline mode keeps its sockets open; here
// they die, as they do in a tunnel.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

const isApiRequest = (data: Buffer) => /^[A-Z]+ \/v1\//.test(data.toString('latin1'))

export class Network {
  readonly #serverPort: number
  readonly #proxy: Server
  readonly #sockets = new Set<Socket>()
  #isCut = false
  #losesAnswers = false
  #losesApi = false

  private constructor(serverPort: number) {
    this.#serverPort = serverPort
    this.#proxy = createServer((client) => this.#forward(client))
  }

  static async open(serverPort: number): Promise<Network> {
    const network = new Network(serverPort)
    network.#proxy.listen(0, '127.0.0.1')
    await once(network.#proxy, 'listening')
    return network
  }

  get origin(): string {
    const address = this.#proxy.address()
    if (typeof address !== 'object' || !address) throw new Error('The proxy has no port.')
    return `http://localhost:${address.port}`
  }

  cut() {
    this.#isCut = true
    this.#killSockets()
  }

  /** Delivers requests but drops responses. */
  loseAnswers() {
    this.#losesAnswers = true
  }

  /** Delivers pages but drops API calls. */
  loseApi() {
    this.#losesApi = true
    this.#killSockets()
  }

  heal() {
    if (this.#losesAnswers) this.#killSockets()
    this.#isCut = this.#losesAnswers = this.#losesApi = false
  }

  close() {
    this.#killSockets()
    this.#proxy.close()
  }

  #forward(client: Socket) {
    this.#track(client)
    if (this.#isCut) {
      client.destroy()
      return
    }
    const server = this.#track(connect(this.#serverPort, '127.0.0.1'))
    client.on('data', (data) => (this.#losesApi && isApiRequest(data) ? client.destroy() : server.write(data)))
    server.on('data', (data) => this.#losesAnswers || client.write(data))
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
  }

  #track(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  #killSockets() {
    for (const socket of this.#sockets) socket.destroy()
  }
}
