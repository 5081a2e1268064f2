// A user without a window, who uses the documented API.
import type { SignedIn, Verification } from '../../../schemas/authentication'
import type { Matches } from '../../../schemas/contact'
import type { NpmServer } from '../runtime/npm-start.ts'

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
  const { tokens } = await ask<SignedIn>('POST', '/auth/otp/verify', proof)
  accessToken = tokens.accessToken
  return {
    accessToken,
    async call(name: string) {
      const [firstName, lastName] = name.split(' ')
      await ask('PATCH', '/me', { firstName, lastName })
    },
    async write(toNumber: string, text: string) {
      const { matches } = await ask<Matches>('POST', '/contacts/find', { phoneNumbers: [toNumber] })
      const [match] = matches
      if (!match) throw new Error(`Nobody has ${toNumber}`)
      await ask('POST', `/chats/${match.user.id}/messages`, { clientMessageId: crypto.randomUUID(), text })
    },
  }
}
