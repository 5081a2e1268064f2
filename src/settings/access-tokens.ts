import { createHash, randomUUID } from 'node:crypto'
import { errors, jwtVerify, SignJWT } from 'jose'
import { BoundedMap } from '../core/bounded-map'
import { problem } from '../core/errors'
import { limits } from '../core/limits'
import type { Config } from './config'
import { deriveKey } from './signing'

/** To whom an access token was issued. Only the user's mailbox knows whether the session is still live. */
export interface SessionClaims {
  userId: string
  sessionId: string
  /** The step of the refresh token that it was issued with. Null for tokens of versions that did not say. */
  step: number | null
}

/** The type that RFC 9068 defines. It keeps other JWTs of the same key from serving as access tokens. */
const typ = 'at+jwt'
const algorithm = 'HS256'
const clockToleranceSeconds = 5

interface SigningKey {
  key: CryptoKey
  kid: string
}

const keys = new Map<string, SigningKey>()

/** The key of a secret, imported once. */
async function keyOf(secret: string): Promise<SigningKey> {
  const known = keys.get(secret)
  if (known) return known
  const bytes = deriveKey(secret, 'access-token')
  const hmac = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes, hmac, false, ['sign', 'verify'])
  const imported = { key, kid: createHash('sha256').update(bytes).digest('hex').slice(0, 16) }
  keys.set(secret, imported)
  return imported
}

/**
 * Returns a signed access token for one session, and when it expires (epoch milliseconds). It contains no personal
 * data.
 */
export async function mintAccessToken(config: Config, session: SessionClaims, now: number) {
  const { key, kid } = await keyOf(config.JWT_SECRET)
  const issuedAt = Math.floor(now / 1000)
  const expiresAt = issuedAt + config.ACCESS_TOKEN_SECONDS
  const accessToken = await new SignJWT({
    sid: session.sessionId,
    ...(session.step !== null && { step: session.step }),
  })
    .setProtectedHeader({ alg: algorithm, typ, kid })
    .setIssuer(config.JWT_ISSUER)
    .setAudience(config.JWT_AUDIENCE)
    .setSubject(session.userId)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key)
  return { accessToken, accessTokenExpiresAt: expiresAt * 1000 }
}

/** A token that was found valid, and the time during which it stays so (epoch milliseconds). */
interface Verified {
  claims: SessionClaims
  from: number
  until: number
}

/** The tokens that were verified last, of each configuration: a client sends the same one for minutes. */
const verified = new WeakMap<Config, BoundedMap<string, Verified>>()

function remember(config: Config, token: string, found: Verified) {
  const tokens = verified.get(config) ?? new BoundedMap<string, Verified>(limits.verifiedTokensMax)
  verified.set(config, tokens)
  tokens.set(token, found)
}

/** Returns the session that an access token was issued for. Throws `access_token_expired` or `access_token_invalid`. */
export async function verifyAccessToken(config: Config, token: string): Promise<SessionClaims> {
  const now = Date.now()
  const known = verified.get(config)?.get(token)
  if (known && known.from <= now && now < known.until) return known.claims
  const found = await verify(config, token, now)
  remember(config, token, found)
  return found.claims
}

async function verify(config: Config, token: string, now: number): Promise<Verified> {
  const { JWT_SECRET, JWT_SECRET_PREVIOUS } = config
  const secrets = await Promise.all(
    [JWT_SECRET, JWT_SECRET_PREVIOUS].flatMap((secret) => (secret ? keyOf(secret) : [])),
  )
  const { payload } = await jwtVerify(
    token,
    ({ kid }) => {
      const match = secrets.find((secret) => secret.kid === kid)
      if (!match) throw new errors.JWKSNoMatchingKey()
      return match.key
    },
    {
      algorithms: [algorithm],
      typ,
      issuer: config.JWT_ISSUER,
      audience: config.JWT_AUDIENCE,
      requiredClaims: ['sub', 'sid', 'jti', 'iat', 'exp'],
      maxTokenAge: config.ACCESS_TOKEN_SECONDS,
      clockTolerance: clockToleranceSeconds,
    },
  ).catch((cause) => {
    throw problem(cause instanceof errors.JWTExpired ? 'access_token_expired' : 'access_token_invalid', { cause })
  })
  const { sub, sid, step, exp = 0, iat = 0 } = payload
  if (typeof sub !== 'string' || typeof sid !== 'string') throw problem('access_token_invalid')
  const until = Math.min(exp, iat + config.ACCESS_TOKEN_SECONDS) * 1000
  return { claims: { userId: sub, sessionId: sid, step: typeof step === 'number' ? step : null }, from: now, until }
}
