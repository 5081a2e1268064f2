import type { Tokens } from '../../../schemas/authentication'
import { problem } from '../../core/errors'
import { idPattern } from '../../core/ids'
import { toTimestamp } from '../../core/timestamp'
import type { IssuedToken } from '../../http/mailbox-client'
import { mintAccessToken } from '../../settings/access-tokens'
import type { Config } from '../../settings/config'
import { macCharacters, shortMac, verifyShortMac } from '../../settings/signing'

const bare = (pattern: string) => pattern.slice(1, -1)
const shape = new RegExp(
  `^(?<body>rt_(?<userId>${bare(idPattern('user'))})\\.(?<sessionId>${bare(idPattern('session'))})\\.(?<step>\\d{1,9})\\.(?<secret>[\\w-]{43}))` +
    `(?:\\.(?<mac>[\\w-]{${macCharacters}}))?$`,
)

/** Returns the tokens of a session: a fresh access token and the refresh token that its mailbox issued. */
export async function issueTokens(config: Config, userId: string, issued: IssuedToken, now: number): Promise<Tokens> {
  const { sessionId, step, secret, expiresAt } = issued
  const { accessToken, accessTokenExpiresAt } = await mintAccessToken(config, { userId, sessionId, step }, now)
  const body = `rt_${userId}.${sessionId}.${step}.${secret}`
  return {
    tokenType: 'Bearer',
    accessToken,
    accessTokenExpiresAt: toTimestamp(accessTokenExpiresAt),
    refreshToken: `${body}.${shortMac(config, 'refresh-token-mac', body)}`,
    refreshTokenExpiresAt: toTimestamp(expiresAt),
    sessionId,
  }
}

/** Returns the parts of a refresh token, or null if it does not have the shape of one. Its MAC is not checked. */
export function readRefreshToken(token: string) {
  const { userId, sessionId, step, secret, body, mac } = shape.exec(token)?.groups ?? {}
  if (!userId || !sessionId || !step || !secret || !body) return null
  return { userId, presented: { sessionId, step: Number(step), secret }, body, mac }
}

/**
 * Returns the parts of a refresh token, and whether its MAC proves that it was issued here. It does not for tokens
 * issued before there were MACs, and for those whose secret has been replaced twice, or revoked. Throws
 * `refresh_token_invalid` if the token does not have the shape of one.
 */
export function parseRefreshToken(config: Config, token: string) {
  const parts = readRefreshToken(token)
  if (!parts) throw problem('refresh_token_invalid')
  const { userId, presented, body, mac } = parts
  return {
    userId,
    presented,
    isProven: mac !== undefined && verifyShortMac(config, 'refresh-token-mac', body, mac),
  }
}
