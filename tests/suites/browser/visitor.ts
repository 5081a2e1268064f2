// A user without a window, who uses the documented API.
import type { SignedIn, Verification } from '../../../schemas/authentication'
import type { Matches } from '../../../schemas/contact'
import type { Ticket } from '../../../schemas/realtime'
import type { NpmServer } from '../runtime/npm-start.ts'
import { openRealtime } from '../runtime/realtime.ts'

export type Visitor = Awaited<ReturnType<typeof visit>>

export async function visit({ origin, codeFor }: NpmServer, phoneNumber: string) {
  let accessToken: string | undefined
  async function ask<Body>(method: string, path: string, body: object): Promise<Body> {
    const headers = {
      'Content-Type': 'application/json',
      ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
    }
    const response = await fetch(`${origin}/v1${path}`, { method, headers, body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return response.json()
  }
  const { verificationId } = await ask<Verification>('POST', '/auth/otp', { phoneNumber })
  const proof = { verificationId, code: await codeFor(phoneNumber) }
  const { tokens, user } = await ask<SignedIn>('POST', '/auth/otp/verify', proof)
  accessToken = tokens.accessToken
  const send = (toId: string, text: string) =>
    ask('POST', `/chats/${toId}/messages`, { clientMessageId: crypto.randomUUID(), text })
  return {
    accessToken,
    id: user.id,
    async call(name: string) {
      const [firstName, lastName] = name.split(' ')
      await ask('PATCH', '/me', { firstName, lastName })
    },
    send,
    /** Over one socket, in this order: faster than calls, and at most 100, which is the limit of frames. */
    async sendAll(toId: string, texts: string[]) {
      const { ticket } = await ask<Ticket>('POST', '/realtime/tickets', {})
      const { promise: opened, resolve } = Promise.withResolvers<unknown>()
      const socket = openRealtime({ origin, ticket, cursor: undefined }, resolve)
      // The first frame is the server's, or there is none.
      await Promise.race([opened, socket.closed])
      const message = { type: 'sendMessage', chatId: toId } as const
      const answers = await Promise.all(
        texts.map((text) => socket.ask({ ...message, clientMessageId: crypto.randomUUID(), text })),
      )
      for (const answer of answers) if (answer.type === 'error') throw new Error(JSON.stringify(answer.problem))
      socket.close()
    },
    async write(toNumber: string, text: string) {
      const { matches } = await ask<Matches>('POST', '/contacts/find', { phoneNumbers: [toNumber] })
      const [match] = matches
      if (!match) throw new Error(`Nobody has ${toNumber}`)
      await send(match.user.id, text)
    },
  }
}
