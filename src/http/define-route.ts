import { createRoute, type OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { ZodType } from 'zod'
import { type ProblemCode, problem } from '../core/errors'
import { limits } from '../core/limits'
import { type Access, accessRules, type EnvOf } from './access'
import type { AppEnv } from './app-env'
import { type ProblemExtensions, problemResponses } from './problem-responses'
import { type CallClassName, rateLimit } from './rate-limit'

export interface ResponseConfig {
  description: string
  headers?: Record<string, { schema: object; description: string }>
  content?: Record<string, { schema: ZodType | { anyOf: { $ref: string }[] } }>
}

type OperationConfig = Omit<RouteConfig, 'security' | 'middleware' | 'hide' | 'responses'> & {
  /** Who may call the operation. The document, the guard, and the handler's type follow from it. */
  access: Access
  /** What a call counts as for the rate limits. The document and the refusal follow from it. */
  counts: CallClassName
  operationId: string
  tags: [string]
  summary: string
  description: string
  responses: Record<number, ResponseConfig> & { default?: ResponseConfig }
  /** The problems of this operation, in addition to those of every operation with its inputs and its access. */
  problems?: readonly ProblemCode[]
  problemExtensions?: ProblemExtensions
}

/** The problems that every operation with such inputs can return. */
function inputProblems({ request }: OperationConfig): ProblemCode[] {
  const contentTypes = Object.keys(request?.body?.content ?? {})
  const hasInput = request?.params || request?.query || request?.headers || contentTypes.length > 0
  const hasJson = contentTypes.includes('application/json')
  return [
    ...(hasInput ? (['invalid_request'] as const) : []),
    ...(hasJson ? (['malformed_json', 'payload_too_large', 'unsupported_media_type'] as const) : []),
  ]
}

const jsonLimit = bodyLimit({
  maxSize: limits.jsonBodyBytesMax,
  onError: () => {
    throw problem('payload_too_large', { detail: `At most ${limits.jsonBodyBytesMax} bytes.` })
  },
})

// Without a content type, the validator would see no body at all, and a schema of optional fields would accept that.
const jsonOnly = createMiddleware((c, next) => {
  if (!c.req.header('Content-Type')) throw problem('unsupported_media_type', { detail: 'Send application/json.' })
  return jsonLimit(c, next)
})

const inputLimits = (config: OperationConfig): MiddlewareHandler[] =>
  config.request?.body?.content['application/json'] ? [jsonOnly] : []

export const json = <S extends ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

export const jsonBody = <S extends ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
})

/** A success without a body. */
export const noContent = (description: string) => ({ description })

/** One operation: its route, and how it is registered in the app with its handler. */
export interface Operation {
  route: RouteConfig & { operationId: string }
  register: (app: OpenAPIHono<AppEnv>) => void
}

/**
 * Returns the route with every response that it can return, its security declared, and its guard and rate limits in
 * front.
 */
function routeOf(config: OperationConfig): Operation['route'] {
  const { access, counts, problems: own = [], problemExtensions, ...route } = config
  const { security, guard, problems } = accessRules[access]
  const codes = [...new Set([...inputProblems(config), ...problems, 'too_many_requests' as const, ...own])]
  return createRoute({
    ...route,
    responses: { ...config.responses, ...problemResponses(codes, problemExtensions) },
    security,
    middleware: [guard, rateLimit(counts), ...inputLimits(config)],
  })
}

/**
 * Defines an operation. Problems are thrown, so the handler's type needs only the successes. What the handler finds in
 * its context follows from `access`.
 */
export function define<P extends string, const R extends OperationConfig & { path: P }>(
  config: R,
  handler: RouteHandler<R, EnvOf<R['access']>>,
): Operation {
  const route = routeOf(config)
  return { route, register: (app) => app.openapi(route, handler as never) }
}
