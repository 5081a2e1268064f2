import type { MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import { limits } from '../core/limits'
import { readConfig } from '../settings/config'
import type { AppEnv } from './app-env'

const exposedHeaders = [
  'X-Request-Id',
  'ETag',
  'Retry-After',
  'WWW-Authenticate',
  'Allow',
  'Accept-Ranges',
  'Content-Range',
  'Content-Length',
  'Content-Disposition',
]
const exposed = exposedHeaders.join(',')

const preflightSeconds = 7_200

const listedIn = (names = '') =>
  names
    .slice(0, limits.echoedHeaderCharactersMax)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

const allowedOrigins = (origins: string[]) => (origins.includes('*') ? '*' : origins)

/** Allows whatever a page asks for before it sends its headers, but no more of it than the limit. */
const preflight = (origins: string[], requested: string | undefined) =>
  cors({
    origin: allowedOrigins(origins),
    allowHeaders: listedIn(requested),
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: exposedHeaders,
    maxAge: preflightSeconds,
  })

/** Lets the pages of the configured origins read every response, errors included. */
export const crossOrigin: MiddlewareHandler<AppEnv> = async (c, next) => {
  const origins = readConfig(c.env).CORS_ORIGINS
  if (c.req.method === 'OPTIONS') return preflight(origins, c.req.header('Access-Control-Request-Headers'))(c, next)
  await next()
  const { headers } = c.res
  const allowed = allowedOrigins(origins)
  if (allowed === '*') headers.set('Access-Control-Allow-Origin', '*')
  else {
    const origin = c.req.header('Origin')
    if (origin !== undefined && allowed.includes(origin)) headers.set('Access-Control-Allow-Origin', origin)
    headers.append('Vary', 'Origin')
  }
  headers.set('Access-Control-Expose-Headers', exposed)
}
