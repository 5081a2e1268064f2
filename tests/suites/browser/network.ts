// A network that can be cut: a TCP proxy before the server. A browser that is told to be offline keeps its sockets;
// here they die, as they do in a tunnel.
import { connect, createServer } from 'node:net'

export async function openNetwork(serverPort) {
  const sockets = new Set()
  let [isCut, answersAreLost, apiIsAway] = [false, false, false]

  const track = (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    return socket
  }

  const proxy = createServer((client) => {
    track(client)
    if (isCut) return client.destroy()
    const server = track(connect(serverPort, '127.0.0.1'))
    client.on('data', (data) => (apiIsAway && /^[A-Z]+ \/v1\//.test(data) ? client.destroy() : server.write(data)))
    server.on('data', (data) => answersAreLost || client.write(data))
    client.once('close', () => server.destroy())
    server.once('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => proxy.once('listening', resolve))

  const killSockets = () => {
    for (const socket of sockets) socket.destroy()
  }

  return {
    origin: `http://localhost:${proxy.address().port}`,
    cut() {
      isCut = true
      killSockets()
    },
    /** What is asked arrives; what is answered does not. */
    loseAnswers() {
      answersAreLost = true
    },
    /** Pages come, and nothing else. */
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
