// A user without a window, who uses the documented API.

import type { CreatedGroup } from '../../../examples/typescript/schema.d.ts'
import type { SignedIn, Verification } from '../../../schemas/authentication'
import type { Matches } from '../../../schemas/contact'
import type { Ticket } from '../../../schemas/realtime'
import type { NpmServer } from '../runtime/npm-start.ts'
import { openRealtime } from '../runtime/realtime.ts'

export type Visitor = Awaited<ReturnType<typeof visit>>

export async function visit({ origin, codeFor }: NpmServer, phoneNumber: string) {
  let accessToken: string | undefined
  async function ask<Body>(method: string, path: string, body?: object): Promise<Body> {
    const headers = {
      'Content-Type': 'application/json',
      ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
    }
    const response = await fetch(`${origin}/v1${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    const text = await response.text()
    return JSON.parse(text || 'null')
  }
  const { verificationId } = await ask<Verification>('POST', '/auth/otp', { phoneNumber })
  const proof = { verificationId, code: await codeFor(phoneNumber) }
  const { tokens, user } = await ask<SignedIn>('POST', '/auth/otp/verify', proof)
  accessToken = tokens.accessToken
  const send = (toId: string, text: string) =>
    ask('POST', `/chats/${toId}/messages`, { clientMessageId: crypto.randomUUID(), text })
  /** The ID of the user with a number. */
  async function find(number: string) {
    const { matches } = await ask<Matches>('POST', '/contacts/find', { phoneNumbers: [number] })
    const [match] = matches
    if (!match) throw new Error(`Nobody has ${number}`)
    return match.user.id
  }
  return {
    accessToken,
    id: user.id,
    async call(name: string) {
      const [firstName, lastName] = name.split(' ')
      await ask('PATCH', '/me', { firstName, lastName })
    },
    send,
    /** Returns the ID of a new group. */
    async gather(title: string, memberIds: string[]) {
      const body = { clientGroupId: crypto.randomUUID(), title, memberIds }
      return (await ask<CreatedGroup>('POST', '/groups', body)).chat.id
    },
    add: (groupId: string, userIds: string[]) => ask<void>('POST', `/groups/${groupId}/members`, { userIds }),
    remove: (groupId: string, userId: string) => ask<void>('DELETE', `/groups/${groupId}/members/${userId}`),
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
    find,
    write: async (toNumber: string, text: string) => send(await find(toNumber), text),
  }
}
