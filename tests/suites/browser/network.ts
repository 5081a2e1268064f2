// A network that can be cut: a TCP proxy before the server. A browser that is told to be offline keeps its sockets;
// here they die, as they do in a tunnel.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface Network {
  origin: string
  cut: () => void
  /** What is asked arrives; what is answered does not. */
  loseAnswers: () => void
  /** Pages come, and nothing else. */
  loseApi: () => void
  heal: () => void
  close: () => void
}

export async function openNetwork(serverPort: number): Promise<Network> {
  const sockets = new Set<Socket>()
  let [isCut, answersAreLost, apiIsAway] = [false, false, false]

  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  const proxy = createServer((client) => {
    track(client)
    if (isCut) {
      client.destroy()
      return
    }
    const server = track(connect(serverPort, '127.0.0.1'))
    client.on('data', (data) =>
      apiIsAway && /^[A-Z]+ \/v1\//.test(data.toString('latin1')) ? client.destroy() : server.write(data),
    )
    server.on('data', (data) => answersAreLost || client.write(data))
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (typeof address !== 'object' || !address) throw new Error('The proxy has no port')

  const killSockets = () => {
    for (const socket of sockets) socket.destroy()
  }

  return {
    origin: `http://localhost:${address.port}`,
    cut() {
      isCut = true
      killSockets()
    },
    loseAnswers() {
      answersAreLost = true
    },
    loseApi() {
      apiIsAway = true
      killSockets()
    },
    heal() {
      if (answersAreLost) killSockets()
      isCut = answersAreLost = apiIsAway = false
    },
    close() {
      killSockets()
      proxy.close()
    },
  }
}
