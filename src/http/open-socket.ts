import { type Connection, callMailbox, type Refusal, unwrap } from './mailbox-client'

/**
 * Opens a socket into a mailbox. The request that goes there is built anew, and mailboxes have no other door: nothing
 * in it is the client's to forge.
 */
export async function openSocket(env: Env, userId: string, connection: Connection): Promise<WebSocket> {
  const url = `https://mailbox/?${new URLSearchParams({ connection: JSON.stringify(connection) })}`
  const answer = await callMailbox(env, userId, (mailbox) =>
    mailbox.fetch(new Request(url, { headers: { Upgrade: 'websocket' } })),
  )
  if (!answer.webSocket) throw unwrap(await answer.json<Refusal>())
  return answer.webSocket
}
