import { createRoute, type OpenAPIHono, type RouteConfig, type RouteHandler, z } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import type { ZodObject, ZodType } from 'zod'
import { plainFields } from '../core/absent-fields'
import type { ProblemCode } from '../core/errors'
import { type Access, accessRules, type EnvOf } from './access'
import type { AppEnv } from './app-env'
import { knownQuery } from './known-query'
import { type ProblemExtensions, problemResponses } from './problem-responses'
import { type CallClassName, rateLimit } from './rate-limit'
import { identityOnly, jsonOnly } from './request-body'

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
  const hasJson = contentTypes.includes('application/json')
  return [
    'invalid_request',
    ...(contentTypes.length > 0 ? (['unsupported_media_type'] as const) : []),
    ...(hasJson ? (['malformed_json', 'payload_too_large'] as const) : []),
  ]
}

/** What a request may contain is checked before any of it is read. */
function inputLimits({ access, request }: OperationConfig): MiddlewareHandler[] {
  const { query, body } = request ?? {}
  const names = query && 'shape' in query ? Object.keys(Object(query.shape)) : []
  return [
    // The strict schema of a query lists unknown names along with its other errors. That of links ignores them.
    knownQuery(query && access !== 'fileLink' ? 'checked' : names),
    ...(body ? [identityOnly] : []),
    ...(body?.content['application/json'] ? [jsonOnly] : []),
  ]
}

export const json = <S extends ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

export const jsonBody = <S extends ZodObject>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema: z.preprocess(plainFields(schema), schema) } },
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
