import { OpenAPIHono } from '@hono/zod-openapi'
import { cors } from 'hono/cors'
import { secureHeaders } from 'hono/secure-headers'
import { operations } from '../routes'
import * as sharedSchemas from '../schemas/ids'
import { ClientFrame, ServerFrame } from '../schemas/realtime'
import { problem } from './core/errors'
import { limits } from './core/limits'
import { invalidRequest } from './core/problem-body'
import type { AppEnv } from './http/app-env'
import { onError } from './http/problem-response'
import { requestId } from './http/request-id'
import { requestLog } from './http/request-log'
import { readConfig } from './settings/config'

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

const preflightSeconds = 7_200

const listedIn = (names = '') =>
  names
    .slice(0, limits.echoedHeaderCharactersMax)
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')

const pathMatcher = (path: string) => new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`)

const methodsByPath = operations.map(({ route }) => ({
  path: route.path,
  matches: pathMatcher(route.path),
  method: route.method,
}))

/**
 * Returns the methods that a path supports, for `Allow` (RFC 9110, section 10.2.1); none for a path that does not
 * exist. A path that the document names is that one, and does not also match one with a parameter in its place (OpenAPI
 * 3.1, section 4.8.8.2).
 */
function allowedMethods(path: string): string[] {
  const named = methodsByPath.filter((entry) => entry.path === path)
  const matching = named.length > 0 ? named : methodsByPath.filter(({ matches }) => matches.test(path))
  const methods = matching.map(({ method }) => method.toUpperCase())
  if (methods.length === 0) return []
  return [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])]
}

/** The service: what every response carries, then each operation, then a problem for everything else. */
export const app = new OpenAPIHono<AppEnv>({
  defaultHook: (result) => {
    if (!result.success) throw invalidRequest(result.target, result.error)
  },
})

app.use(requestId)
app.use(requestLog)
app.use(
  secureHeaders({
    // Pages and files set their own policies.
    overwrite: false,
    crossOriginResourcePolicy: 'cross-origin',
    xFrameOptions: 'DENY',
    referrerPolicy: 'no-referrer',
    strictTransportSecurity: 'max-age=31536000; includeSubDomains',
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  }),
)
const corsFor = (origins: string[], allowHeaders: string[] = []) =>
  cors({
    origin: origins.includes('*') ? '*' : origins,
    allowHeaders,
    allowMethods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: exposedHeaders,
    maxAge: preflightSeconds,
  })

/** By the list of origins of each environment. */
const corsMade = new WeakMap<string[], ReturnType<typeof corsFor>>()

app.use((c, next) => {
  const origins = readConfig(c.env).CORS_ORIGINS
  // Whatever a page asks for before it sends its headers, but no more of it than this.
  if (c.req.method === 'OPTIONS')
    return corsFor(origins, listedIn(c.req.header('Access-Control-Request-Headers')))(c, next)
  const made = corsMade.get(origins) ?? corsFor(origins)
  corsMade.set(origins, made)
  return made(c, next)
})

// Responses are personal, and some contain tokens. Whatever can be cached says so itself: files, and pages about the
// API.
app.use('/v1/*', async (c, next) => {
  await next()
  if (!c.res.headers.has('Cache-Control') && c.res.status !== 101) c.res.headers.set('Cache-Control', 'no-store')
})

const namedPaths = new Set(methodsByPath.filter(({ path }) => !path.includes('{')).map(({ path }) => path))

app.use((c, next) => {
  const allowed = namedPaths.has(c.req.path) ? allowedMethods(c.req.path) : []
  if (allowed.length === 0 || allowed.includes(c.req.method)) return next()
  throw problem('method_not_allowed', { headers: { Allow: allowed.join(', ') } })
})

app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The `accessToken` from `verifyOtp` or `refreshTokens`.',
})

// Registered first: the first use of a named schema describes its component, and other uses narrow the description.
for (const [name, schema] of Object.entries(sharedSchemas)) app.openAPIRegistry.register(name, schema)

for (const operation of operations) operation.register(app)

// Frames travel inside a WebSocket, so no operation uses their schemas.
app.openAPIRegistry.register('ServerFrame', ServerFrame)
app.openAPIRegistry.register('ClientFrame', ClientFrame)

app.notFound((c) => {
  const allowed = allowedMethods(c.req.path)
  const known = allowed.length > 0
  return onError(
    known ? problem('method_not_allowed', { headers: { Allow: allowed.join(', ') } }) : problem('not_found'),
    c,
  )
})
app.onError(onError)
