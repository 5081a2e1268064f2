import { expect } from 'vitest'
import type { SignedIn, Tokens, Verification } from '../../schemas/authentication'
import type { Platform } from '../../schemas/session'
import { type Input, ok, requestOf, send } from './call'
import { codeFor } from './users'

type Edge = Partial<IncomingRequestCfProperties>

/** What a client says about its device. */
export interface DeviceLabels {
  deviceName?: string
  platform?: Platform
}

/** The body of a call that must succeed, made from a given place. */
async function okFrom<T>(edge: Edge, operationId: string, input: Input): Promise<T> {
  const { status, body } = await send<T>(new Request(requestOf(operationId, input), { cf: edge }))
  expect(status, `${operationId}: ${JSON.stringify(body)}`).toBe(200)
  return body
}

export async function signInFrom(edge: Edge, phoneNumber: string, labels: DeviceLabels = {}): Promise<SignedIn> {
  const { verificationId } = await ok<Verification>('sendOtp', { body: { phoneNumber } })
  return okFrom(edge, 'verifyOtp', { body: { verificationId, code: codeFor(phoneNumber), ...labels } })
}

export const refreshFrom = (edge: Edge, refreshToken: string) =>
  okFrom<Tokens>(edge, 'refreshTokens', { body: { refreshToken } })
