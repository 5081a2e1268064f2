import { env } from 'cloudflare:workers'
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import { mintId } from '../../src/core/ids'
import { mintAccessToken } from '../../src/settings/access-tokens'
import { readConfig } from '../../src/settings/config'
import { deriveKey } from '../../src/settings/signing'
import type { Caller } from './call'

const somebody = () => ({
  userId: mintId('user', Date.now()),
  sessionId: mintId('session', Date.now()),
  step: 0,
})

/** A caller with a genuine token for a user and a session that do not exist. */
export async function stranger(issuedAt = Date.now()): Promise<Caller> {
  const { accessToken } = await mintAccessToken(readConfig(env), somebody(), issuedAt)
  return { accessToken }
}

export async function expired(): Promise<Caller> {
  return stranger(Date.now() - 2 * readConfig(env).ACCESS_TOKEN_SECONDS * 1000)
}

interface Forgery {
  header?: Partial<JWTHeaderParameters>
  claims?: { [Claim in keyof JWTPayload]: JWTPayload[Claim] | undefined }
  secret?: string
}

/** A token that is genuine except for the given parts; a claim that is undefined is left out. */
export async function forged({ header, claims, secret = env.JWT_SECRET }: Forgery): Promise<string> {
  const { accessToken } = await stranger()
  return new SignJWT(Object.assign(decodeJwt(accessToken), claims))
    .setProtectedHeader({ alg: 'HS256', ...decodeProtectedHeader(accessToken), ...header })
    .sign(deriveKey(secret, 'access-token'))
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The header of a token, and its claims. */
export const claimsOf = (token: string) => ({ header: decodeProtectedHeader(token), claims: decodeJwt(token) })

/** A token without a signature that says so (`alg: none`). */
export async function unsigned(claims?: JWTPayload): Promise<string> {
  const { header, claims: own } = claimsOf((await stranger()).accessToken)
  return `${base64url({ ...header, alg: 'none' })}.${base64url(claims ?? own)}.`
}
