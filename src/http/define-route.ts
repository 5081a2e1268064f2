import { createRoute, type OpenAPIHono, type RouteConfig, type RouteHandler } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createMiddleware } from 'hono/factory'
import type { ZodType } from 'zod'
import { Problem } from '../../schemas/problem'
import { type ProblemCode, problem, problems } from '../core/errors'
import { limits } from '../core/limits'
import type { AppEnv, SessionEnv } from './app-env'
import { linkGuard } from './link-guard'
import { sessionGuard } from './session-guard'

export interface ResponseConfig {
  description: string
  headers?: Record<string, { schema: object; description: string }>
  content?: Record<string, { schema: ZodType | { anyOf: { $ref: string }[] } }>
}

type OperationConfig = Omit<RouteConfig, 'security' | 'middleware' | 'hide' | 'responses'> & {
  operationId: string
  tags: [string]
  summary: string
  description: string
  responses: Record<number, ResponseConfig> & { default?: ResponseConfig }
  /** What this operation refuses, beside what every operation of its kind does. */
  problems?: readonly ProblemCode[]
  /** The extension of `Problem` that the problems of a status are, with an example of what it adds. */
  problemExtensions?: Record<number, { schema: ZodType; example: Record<string, unknown> }>
}

const statusOf = (code: ProblemCode): number => problems[code].status

const examples = (codes: ProblemCode[], members: Record<string, unknown> = {}) =>
  Object.fromEntries(
    codes.map((code) => [
      code,
      {
        summary: problems[code].title,
        value: {
          type: `urn:problem-type:${code}`,
          title: problems[code].title,
          status: problems[code].status,
          detail: `${problems[code].title}.`,
          code,
          requestId: '5f0c7a52-9c7e-4c37-8f5b-0c7d1a6d2f11',
          ...members,
        },
      },
    ]),
  )

const problemHeaders: Record<number, Record<string, object>> = {
  401: { 'WWW-Authenticate': { schema: { type: 'string' }, description: 'The Bearer challenge (RFC 6750).' } },
  416: { 'Content-Range': { schema: { type: 'string' }, description: '`bytes */size` (RFC 9110).' } },
  426: { Upgrade: { schema: { type: 'string' }, description: '`websocket` (RFC 9110).' } },
  429: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds to wait.' } },
  503: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds to wait.' } },
}

function problemResponses(codes: ProblemCode[], extensions: OperationConfig['problemExtensions'] = {}) {
  const statuses = [...new Set(codes.map(statusOf))].sort()
  return Object.fromEntries(
    statuses.map((status) => {
      const own = codes.filter((code) => statusOf(code) === status)
      return [
        status,
        {
          description: own.map((code) => `\`${code}\`: ${problems[code].title}.`).join('\n\n'),
          ...(problemHeaders[status] && { headers: problemHeaders[status] }),
          content: {
            'application/problem+json': {
              schema: extensions[status]?.schema ?? Problem,
              examples: examples(own, extensions[status]?.example),
            },
          },
        },
      ]
    }),
  )
}

/** What every operation with such inputs can refuse. */
function impliedProblems({ request }: OperationConfig): ProblemCode[] {
  const contentTypes = Object.keys(request?.body?.content ?? {})
  const hasInput = request?.params || request?.query || request?.headers || contentTypes.length > 0
  const hasJson = contentTypes.includes('application/json')
  return [
    ...(hasInput ? (['invalid_request'] as const) : []),
    ...(hasJson ? (['malformed_json', 'payload_too_large', 'unsupported_media_type'] as const) : []),
  ]
}

const sessionProblems = [
  'unauthenticated',
  'access_token_invalid',
  'access_token_expired',
  'session_ended',
] as const satisfies ProblemCode[]

const storageProblems = ['internal_error', 'service_unavailable'] as const satisfies ProblemCode[]

/** The route with every response it can give. Problems are thrown, so the handler's type needs only the successes. */
function withProblems<R extends OperationConfig>(config: R, codes: readonly ProblemCode[]): R {
  const { problems: own = [], problemExtensions, ...route } = config
  const all = [...new Set([...impliedProblems(config), ...codes, ...own])]
  return { ...route, responses: { ...config.responses, ...problemResponses(all, problemExtensions) } } as unknown as R
}

const noSecurity: [] = []
const tokenOrOther: [{ accessToken: [] }, Record<string, never>] = [{ accessToken: [] }, {}]

const jsonLimit = bodyLimit({
  maxSize: limits.jsonBodyBytesMax,
  onError: () => {
    throw problem('payload_too_large', { detail: `At most ${limits.jsonBodyBytesMax} bytes.` })
  },
})

const unlimited = createMiddleware((_, next) => next())

// Without a content type the validator would see no body at all, and a schema of optional fields would let that pass.
const jsonOnly = createMiddleware((c, next) => {
  if (!c.req.header('Content-Type')) throw problem('unsupported_media_type', { detail: 'Send application/json.' })
  return jsonLimit(c, next)
})

const inputLimit = (config: OperationConfig): MiddlewareHandler =>
  config.request?.body?.content['application/json'] ? jsonOnly : unlimited

/** A route that anybody may call and that needs no storage to answer. */
export const statelessRoute = <P extends string, const R extends OperationConfig & { path: P }>(config: R) =>
  createRoute({ ...withProblems(config, []), security: noSecurity, middleware: [inputLimit(config)] as const })

/** A route that anybody may call. */
export const publicRoute = <P extends string, const R extends OperationConfig & { path: P }>(config: R) =>
  createRoute({
    ...withProblems(config, storageProblems),
    security: noSecurity,
    middleware: [inputLimit(config)] as const,
  })

/** A route for a signed-in user: declares the bearer token and checks it, so that neither can be forgotten. */
export const sessionRoute = <P extends string, const R extends OperationConfig & { path: P }>(config: R) =>
  createRoute({
    ...withProblems(config, [...sessionProblems, ...storageProblems]),
    security: [{ accessToken: [] }],
    middleware: [sessionGuard, inputLimit(config)] as const,
  })

/** A route that anybody may call, and that does some of its work for a signed-in user alone; its handler asks for the token. */
export const maybeSessionRoute = <P extends string, const R extends OperationConfig & { path: P }>(config: R) =>
  createRoute({
    ...withProblems(config, [...sessionProblems, ...storageProblems]),
    security: tokenOrOther,
    middleware: [inputLimit(config)] as const,
  })

/** A route to one file, for a signed-in user or whoever holds a signed link to it. */
export const linkedRoute = <P extends string, const R extends OperationConfig & { path: P }>(config: R) =>
  createRoute({
    ...withProblems(config, ['file_not_found', ...sessionProblems, ...storageProblems]),
    security: tokenOrOther,
    middleware: [linkGuard, inputLimit(config)] as const,
  })

/** A route for a signed-in user or whoever holds a ticket of theirs; its handler tells which. */
export const ticketedRoute = <P extends string, const R extends OperationConfig & { path: P }>(config: R) =>
  createRoute({
    ...withProblems(config, ['ticket_invalid', ...sessionProblems, ...storageProblems]),
    security: tokenOrOther,
    middleware: [inputLimit(config)] as const,
  })

export const json = <S extends ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

export const jsonBody = <S extends ZodType>(schema: S) => ({
  required: true,
  content: { 'application/json': { schema } },
})

/** For a success without a body. */
export const noContent = (description: string) => ({ description })

type EnvOf<R> = R extends { security: readonly [] | typeof tokenOrOther } ? AppEnv : SessionEnv

/** One operation: its route, and how it joins the app with its handler. */
export interface Operation {
  route: RouteConfig & { operationId: string }
  register: (app: OpenAPIHono<AppEnv>) => void
}

/** Binds a route to a handler that is typed by it. */
export const define = <R extends RouteConfig & { operationId: string }>(
  route: R,
  handler: RouteHandler<R, EnvOf<R>>,
): Operation => ({
  route,
  register: (app) => app.openapi(route, handler as never),
})
