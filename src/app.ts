import { OpenAPIHono } from '@hono/zod-openapi'
import { operations } from '../routes'
import * as sharedSchemas from '../schemas/ids'
import { ClientFrame, ServerFrame } from '../schemas/realtime'
import { Audience } from '../schemas/user'
import { problem } from './core/errors'
import { invalidRequest } from './core/problem-body'
import type { AppEnv } from './http/app-env'
import { crossOrigin } from './http/cross-origin'
import { onError } from './http/problem-response'
import { requestId } from './http/request-id'
import { requestLog } from './http/request-log'
import { responseHeaders } from './http/response-headers'

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
app.use(responseHeaders)
app.use(crossOrigin)

const methodsOfNamedPaths = new Map(
  methodsByPath.filter(({ path }) => !path.includes('{')).map(({ path }) => [path, allowedMethods(path)]),
)

app.use((c, next) => {
  const allowed = methodsOfNamedPaths.get(c.req.path)
  if (!allowed || allowed.includes(c.req.method)) return next()
  throw problem('method_not_allowed', { headers: { Allow: allowed.join(', ') } })
})

app.openAPIRegistry.registerComponent('securitySchemes', 'accessToken', {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description: 'The `accessToken` from `verifyOtp` or `refreshTokens`.',
})

// Registered first: the first use of a named schema describes its component, and other uses narrow the description.
for (const [name, schema] of Object.entries({ ...sharedSchemas, Audience })) app.openAPIRegistry.register(name, schema)

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
