import { createExecutionContext, waitOnExecutionContext } from 'cloudflare:test'
import { env, exports } from 'cloudflare:workers'
import { expect } from 'vitest'
import { operations } from '../../routes'
import { type ProblemCode, problems } from '../../src/core/errors'
import worker from '../../src/index'
import { checkResponse, readJson } from './check-response'
import { collectFrom, collectRequest } from './log-watch'

export const baseUrl = 'http://localhost'

export interface Input {
  params?: Record<string, string>
  /** Undefined values are left out; a list repeats its name. */
  query?: Record<string, string | number | boolean | undefined | string[]>
  headers?: Record<string, string>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is; a content type goes into `headers`. */
  raw?: BodyInit
}

export interface Caller {
  accessToken: string
}

export interface Options {
  as?: Caller
  /** Bindings and settings that differ for this call alone. */
  env?: Partial<Env>
}

export interface Answer<T> {
  status: number
  headers: Headers
  /** The parsed body when it is JSON, otherwise undefined. */
  body: T
  /** The response itself, its body unread. */
  response: Response
}

async function answerOf(request: Request, overrides: Partial<Env> | undefined): Promise<Response> {
  if (!overrides) return exports.default.fetch(request)
  const ctx = createExecutionContext()
  const response = await worker.fetch(request, { ...env, ...overrides }, ctx)
  await waitOnExecutionContext(ctx)
  return response
}

const isJsonType = (contentType: string | null) => contentType?.startsWith('application/json') ?? false

/** Sends any request, well-formed or not, and checks the response against the document. */
export async function send<T = unknown>(request: Request, options: Pick<Options, 'env'> = {}): Promise<Answer<T>> {
  const copy = isJsonType(request.headers.get('Content-Type')) ? request.clone() : undefined
  const response = await answerOf(request, options.env)
  const body = await readJson(response)
  collectRequest(request, await copy?.text())
  collectFrom(body)
  await checkResponse(request, response, body, options.env?.CORS_ORIGINS ?? env.CORS_ORIGINS)
  return { status: response.status, headers: response.headers, body, response }
}

const routeOf = (operationId: string) => {
  const operation = operations.find(({ route }) => route.operationId === operationId)
  if (!operation) throw new Error(`There is no operation ${operationId}`)
  return operation.route
}

export function pathOf(operationId: string, params: Record<string, string> = {}): string {
  return routeOf(operationId).path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${operationId} needs the path parameter ${name}`)
    return encodeURIComponent(value)
  })
}

function urlOf(operationId: string, { params, query = {} }: Input): URL {
  const url = new URL(pathOf(operationId, params), baseUrl)
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, String(one))
  }
  return url
}

const lengthOf = (body: BodyInit | undefined) => {
  if (typeof body === 'string') return new TextEncoder().encode(body).byteLength
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength
  return body instanceof Blob ? body.size : undefined
}

/** The request that a client generated from the document would send. */
export function requestOf(operationId: string, input: Input = {}, options: Pick<Options, 'as'> = {}): Request {
  const body = input.body === undefined ? input.raw : JSON.stringify(input.body)
  const headers = new Headers(input.headers)
  const length = lengthOf(body)
  // A request that never crosses a wire gets no length on its own.
  if (length !== undefined && !headers.has('Content-Length')) headers.set('Content-Length', String(length))
  if (input.body !== undefined && !headers.has('Content-Type')) headers.set('Content-Type', 'application/json')
  if (options.as) headers.set('Authorization', `Bearer ${options.as.accessToken}`)
  return new Request(urlOf(operationId, input), {
    method: routeOf(operationId).method.toUpperCase(),
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  })
}

/** Calls an operation by its id, and checks the response against the document. */
export const call = <T = unknown>(operationId: string, input: Input = {}, options: Options = {}): Promise<Answer<T>> =>
  send<T>(requestOf(operationId, input, options), options)

/** The body of a call that must succeed. */
export async function ok<T = unknown>(operationId: string, input: Input = {}, options: Options = {}): Promise<T> {
  const { status, body } = await call<T>(operationId, input, options)
  expect(status, `${operationId}: ${JSON.stringify(body)}`).toSatisfy((code: number) => code >= 200 && code < 300)
  return body
}

export interface Refusal {
  code: ProblemCode
  detail: string
  errors?: { pointer: string; code: string; detail: string }[]
}

/** The answer to a call that must be rejected with this problem. */
export async function refused(operationId: string, code: ProblemCode, input: Input = {}, options: Options = {}) {
  const answer = await call<Refusal>(operationId, input, options)
  expect({ status: answer.status, code: answer.body?.code }, `${operationId}: ${JSON.stringify(answer.body)}`).toEqual({
    status: problems[code].status,
    code,
  })
  return answer
}
