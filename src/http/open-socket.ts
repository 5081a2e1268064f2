import { type Connection, callMailbox, type Refusal, unwrap } from './mailbox-client'

/**
 * Opens a socket to a mailbox. The request to the mailbox is built from scratch, and a mailbox is reachable in no other
 * way, so the client cannot forge anything in it.
 */
export async function openSocket(env: Env, userId: string, connection: Connection): Promise<WebSocket> {
  const url = `https://mailbox/?${new URLSearchParams({ connection: JSON.stringify(connection) })}`
  const answer = await callMailbox(env, userId, (mailbox) =>
    mailbox.fetch(new Request(url, { headers: { Upgrade: 'websocket' } })),
  )
  if (!answer.webSocket) throw unwrap(await answer.json<Refusal>())
  return answer.webSocket
}
