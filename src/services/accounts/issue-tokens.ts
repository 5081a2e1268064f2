import type { Tokens } from '../../../schemas/authentication'
import { problem } from '../../core/errors'
import { idPattern } from '../../core/ids'
import { toTimestamp } from '../../core/timestamp'
import type { IssuedToken } from '../../http/mailbox-client'
import { mintAccessToken } from '../../settings/access-tokens'
import type { Config } from '../../settings/config'

const bare = (pattern: string) => pattern.slice(1, -1)
const shape = new RegExp(
  `^rt_(?<userId>${bare(idPattern('user'))})\\.(?<sessionId>${bare(idPattern('session'))})\\.(?<step>\\d{1,9})\\.(?<secret>[\\w-]{43})$`,
)

/** Returns the tokens of a session: a fresh access token and the refresh token that its mailbox issued. */
export async function issueTokens(config: Config, userId: string, issued: IssuedToken, now: number): Promise<Tokens> {
  const { sessionId, step, secret, expiresAt } = issued
  const { accessToken, accessTokenExpiresAt } = await mintAccessToken(config, { userId, sessionId }, now)
  return {
    tokenType: 'Bearer',
    accessToken,
    accessTokenExpiresAt: toTimestamp(accessTokenExpiresAt),
    refreshToken: `rt_${userId}.${sessionId}.${step}.${secret}`,
    refreshTokenExpiresAt: toTimestamp(expiresAt),
    sessionId,
  }
}

/** Returns the parts of a refresh token, or null if it does not have the shape of one. */
export function readRefreshToken(token: string) {
  const { userId, sessionId, step, secret } = shape.exec(token)?.groups ?? {}
  if (!userId || !sessionId || !step || !secret) return null
  return { userId, presented: { sessionId, step: Number(step), secret } }
}

/** The same, but throws `refresh_token_invalid`. */
export function parseRefreshToken(token: string) {
  const parts = readRefreshToken(token)
  if (!parts) throw problem('refresh_token_invalid')
  return parts
}
