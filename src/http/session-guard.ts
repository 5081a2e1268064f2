import { createMiddleware } from 'hono/factory'
import { problem } from '../core/errors'
import { type SessionClaims, verifyAccessToken } from '../settings/access-tokens'
import { readConfig } from '../settings/config'
import type { SessionEnv } from './app-env'

// RFC 6750, section 2.1; the scheme's name has no case (RFC 9110, section 11.1).
const bearer = /^Bearer +([\w\-.~+/]+=*)$/i

interface Requested {
  env: Env
  req: { header: (name: string) => string | undefined }
}

/** The session of the access token in a request; throws when there is none or it is not valid. */
export async function bearerSession(c: Requested): Promise<SessionClaims> {
  const header = c.req.header('Authorization')
  if (!header) throw problem('unauthenticated')
  const token = bearer.exec(header)?.[1]
  if (!token)
    throw problem('access_token_invalid', { detail: 'The Authorization header must be `Bearer` followed by a token.' })
  return verifyAccessToken(readConfig(c.env), token)
}

/** Lets only a valid access token pass. That its session has not ended is checked by the mailbox, in the same call as the work. */
export const sessionGuard = createMiddleware<SessionEnv>(async (c, next) => {
  c.set('session', await bearerSession(c))
  await next()
})
