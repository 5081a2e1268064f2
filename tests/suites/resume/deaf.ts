import { once } from 'node:events'
import { request } from 'node:http'

/** A connection whose client reads nothing, not even from the network: what is sent to it stays with the sender. */
export async function openDeafSocket(client, cursor) {
  const query = new URLSearchParams({ ticket: await client.ticket(), cursor })
  const upgrade = request(`${client.origin}/v1/realtime?${query}`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.from('sixteen bytes ok').toString('base64'),
    },
  })
  upgrade.end()
  const [, socket] = await once(upgrade, 'upgrade')
  socket.pause()
  socket.on('error', () => {})
  return socket
}
