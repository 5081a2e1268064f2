import { RealtimeClient } from '../../support/realtime-client.ts'

export interface Connection {
  origin: string
  ticket: string
  cursor: string | undefined
}

export function realtimeUrl({ origin, ticket, cursor }: Connection): string {
  const query = new URLSearchParams({ ticket, ...(cursor !== undefined && { cursor }) })
  return `${origin}/v1/realtime?${query}`
}

/** Opens a connection. Frames can arrive as soon as it is returned. */
export const openRealtime = (
  connection: Connection,
  onMessage: ConstructorParameters<typeof RealtimeClient>[1],
): RealtimeClient => new RealtimeClient(new WebSocket(realtimeUrl(connection).replace('http', 'ws')), onMessage)
