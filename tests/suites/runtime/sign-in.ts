import { setTimeout as sleep } from 'node:timers/promises'
import type { SignedIn, Verification } from '../../../schemas/authentication'
import { obtain } from './http.ts'
import type { Runtime } from './runtime.ts'

export interface SignedInUser {
  id: string
  token: string
}

/** Signs in a user with the code that the runtime prints. */
export async function signIn(runtime: Runtime, phoneNumber: string): Promise<SignedInUser> {
  const { origin } = runtime
  const { verificationId } = await obtain<Verification>(origin, 'POST', '/v1/auth/otp', { body: { phoneNumber } })
  while (!runtime.codes.has(phoneNumber)) await sleep(10)
  const body = { verificationId, code: runtime.codes.get(phoneNumber) }
  const { user, tokens } = await obtain<SignedIn>(origin, 'POST', '/v1/auth/otp/verify', { body })
  return { id: user.id, token: tokens.accessToken }
}

/** Has each user save all others as contacts, so that none of their chats is a message request. */
export async function acquaint({ origin }: Runtime, users: readonly SignedInUser[]) {
  for (const { token, id } of users)
    await Promise.all(
      users
        .filter((other) => other.id !== id)
        .map((other) => obtain(origin, 'PUT', `/v1/contacts/${other.id}`, { token, body: {} })),
    )
}
