import { setTimeout as sleep } from 'node:timers/promises'
import { call } from './http.ts'

/** Signs a user in with the code that the runtime prints. */
export const signIn = async (runtime, phoneNumber) => {
  const { body: verification } = await call(runtime.origin, 'POST', '/v1/auth/otp', { body: { phoneNumber } })
  while (!runtime.codes.has(phoneNumber)) await sleep(10)
  const { body } = await call(runtime.origin, 'POST', '/v1/auth/otp/verify', {
    body: { verificationId: verification.verificationId, code: runtime.codes.get(phoneNumber) },
  })
  return { id: body.user.id, token: body.tokens.accessToken }
}
