import { createMiddleware } from 'hono/factory'
import { problem } from '../core/errors'
import { type SessionClaims, verifyAccessToken } from '../settings/access-tokens'
import { readConfig } from '../settings/config'
import type { SessionEnv } from './app-env'

// RFC 6750, section 2.1. The scheme's name is case-insensitive (RFC 9110, section 11.1).
const bearer = /^Bearer +([\w\-.~+/]+=*)$/i

interface Requested {
  env: Env
  req: { header: (name: string) => string | undefined }
}

/** Returns the session of the access token in a request. Throws if there is none or it is not valid. */
export async function bearerSession(c: Requested): Promise<SessionClaims> {
  const header = c.req.header('Authorization')
  if (!header) throw problem('unauthenticated')
  const token = bearer.exec(header)?.[1]
  if (!token)
    throw problem('access_token_invalid', { detail: 'The Authorization header must be `Bearer` followed by a token.' })
  return verifyAccessToken(readConfig(c.env), token)
}

/** Admits only valid access tokens. The mailbox checks that the session has not ended, in the same call as the work. */
export const sessionGuard = createMiddleware<SessionEnv>(async (c, next) => {
  c.set('session', await bearerSession(c))
  await next()
})
