import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import { realtimeUrl } from '../runtime/realtime.ts'
import type { Client } from './client.ts'

/** A connection that never reads from the network, so that what is sent to it stays with the sender. */
export async function openStalledSocket(client: Client, cursor: string | undefined): Promise<Duplex> {
  const upgrade = request(realtimeUrl({ origin: client.origin, ticket: await client.ticket(), cursor }), {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.from('sixteen bytes ok').toString('base64'),
    },
  })
  upgrade.end()
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>()
  upgrade.once('upgrade', (_, socket) => resolve(socket)).once('error', reject)
  const socket = await promise
  socket.pause()
  socket.on('error', () => {})
  return socket
}
