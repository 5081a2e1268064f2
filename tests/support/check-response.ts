// Every response that a test sees matches the document: its status, content type, headers and body are declared.
import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema'
import { expect } from 'vitest'
import { z } from 'zod/v4'
import committed from '../../openapi/openapi.json?raw'
import { operations } from '../../routes'
import { problems } from '../../src/core/errors'

type TypeName = 'array' | 'boolean' | 'integer' | 'null' | 'number' | 'object' | 'string'

export interface JsonSchema extends Schema {
  type?: TypeName | TypeName[]
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  allOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  default?: unknown
  description?: string
  contentMediaType?: string
  example?: unknown
  examples?: unknown[]
}

export interface MediaType {
  schema?: JsonSchema
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

export interface Parameter extends Omit<MediaType, 'schema'> {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema: JsonSchema
}

interface DocumentedOperation {
  operationId: string
  tags?: string[]
  summary?: string
  description?: string
  security?: Record<string, string[]>[]
  parameters?: Parameter[]
  requestBody?: { required?: boolean; content: Record<string, MediaType> }
  responses: Record<string, { description: string; content?: Record<string, MediaType> }>
}

interface Documented {
  info: { description: string; contact?: object; license?: object }
  servers: { url: string }[]
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, DocumentedOperation>>
  components: { schemas: Record<string, JsonSchema> }
}

/**
 * The document as clients read it: the committed one, because making it takes a second in each test file.
 * `tests/contract/openapi.test.ts` finds out if the routes make another.
 */
export const document: Documented = JSON.parse(committed)

const matcher = (path: string) => new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)

export const documentedOperations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    ...operation,
    path,
    method: method.toUpperCase(),
    matches: matcher(path),
  })),
)
export type DocumentedOperationAt = (typeof documentedOperations)[number]

/** The operations at a concrete path. A path that the document names literally never matches one with a parameter. */
export function operationsAt(path: string) {
  const named = documentedOperations.filter((one) => one.path === path)
  return named.length > 0 ? named : documentedOperations.filter(({ matches }) => matches.test(path))
}

export const resolve = (schema: JsonSchema): JsonSchema => {
  if (!schema.$ref) return schema
  const target = document.components.schemas[schema.$ref.slice('#/components/schemas/'.length)]
  if (!target) throw new Error(`The document has no ${schema.$ref}`)
  return resolve(target)
}

// The validator takes unknown keywords for schemas, and the `id` of an example for the name of one.
const withoutExamples = (node: unknown, isMap = false): unknown => {
  if (Array.isArray(node)) return node.map((item) => withoutExamples(item))
  if (typeof node !== 'object' || node === null) return node
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key]) => isMap || !['example', 'examples', 'discriminator', 'xml', 'externalDocs'].includes(key))
      .map(([key, value]) => [key, withoutExamples(value, !isMap && key === 'properties')]),
  )
}

const schemas = withoutExamples(document.components.schemas, true)
const validators = new WeakMap<JsonSchema, Validator>()

function validatorOf(schema: JsonSchema): Validator {
  const known = validators.get(schema)
  if (known) return known
  const validator = new Validator({ ...Object(withoutExamples(schema)), components: { schemas } }, '2020-12', false)
  validators.set(schema, validator)
  return validator
}

/** The value with lone surrogates replaced in names: the validator puts names into URIs, which cannot hold them. */
const withWellFormedNames = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withWellFormedNames)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name.toWellFormed(), withWellFormedNames(part)]),
  )
}

/** What is wrong with a value under a schema of the document; empty when nothing is. */
export const schemaErrors = (schema: JsonSchema, value: unknown): string[] =>
  validatorOf(schema)
    .validate(withWellFormedNames(value))
    .errors.map(({ instanceLocation, keyword, error }: OutputUnit) => `${instanceLocation} ${keyword}: ${error}`)

/** The schemas that together describe a value: references followed, `allOf` joined, matching alternatives chosen. */
function describing(schema: JsonSchema, value: unknown): JsonSchema[] {
  const target = resolve(schema)
  const chosen = [...(target.anyOf ?? []), ...(target.oneOf ?? [])].filter(
    (one) => schemaErrors(one, value).length === 0,
  )
  return [target, ...[...(target.allOf ?? []), ...chosen].flatMap((part) => describing(part, value))]
}

/** JSON pointers of the properties that no schema declares, at any depth. */
export function undeclaredProperties(schemas: JsonSchema[], value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  const parts = schemas.flatMap((schema) => describing(schema, value))
  if (Array.isArray(value)) {
    const items = parts.flatMap((part) => part.items ?? [])
    return value.flatMap((item, index) => undeclaredProperties(items, item, `${at}/${index}`))
  }
  return Object.entries(value).flatMap(([key, member]) => {
    const named = parts.flatMap((part) => part.properties?.[key] ?? [])
    const others = parts.flatMap((part) => part.additionalProperties ?? [])
    const declared = named.length > 0 ? named : others.filter((other) => other !== false)
    if (declared.includes(true)) return []
    return declared.length === 0 ? [`${at}/${key}`] : undeclaredProperties(declared, member, `${at}/${key}`)
  })
}

const produced = new Set<string>()

/** The `operationId status` pairs seen since the last call. */
export function takeProduced(): string[] {
  const pairs = [...produced]
  produced.clear()
  return pairs
}

/** Files may be cached, and may be JSON. */
const isFile = (request: Request) => /^\/v1\/files\/[^/]+$/.test(new URL(request.url).pathname)

const mediaTypeOf = (response: Response) => response.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
const isJson = (mediaType: string | undefined) => /^application\/(\w+\+)?json$/.test(mediaType ?? '')

/** The parsed body of a JSON response, otherwise undefined. Leaves the response unread. */
export async function readJson(response: Response) {
  if (!isJson(mediaTypeOf(response))) return undefined
  const text = await response.clone().text()
  return text === '' ? undefined : JSON.parse(text)
}

/** How the document declares bytes of any content type, for the sake of generators. */
const anyBytes = 'application/octet-stream'

const declaredKey = (content: object, mediaType: string) => [mediaType, anyBytes].find((key) => key in content)

function checkHeaders(request: Request, response: Response, corsOrigins: string) {
  const { headers, status } = response
  const origin = request.headers.get('Origin')
  const origins = corsOrigins.split(',').map((one) => one.trim())
  const allowed = origins.includes('*') ? '*' : origins.find((one) => one === origin)
  expect(headers.get('X-Request-Id') ?? '', 'X-Request-Id').toMatch(/^[\w-]+$/)
  expect(headers.get('Access-Control-Allow-Origin'), 'Access-Control-Allow-Origin').toBe(allowed ?? null)
  expect(headers.get('X-Content-Type-Options'), 'X-Content-Type-Options').toBe('nosniff')
  expect(headers.get('Strict-Transport-Security') ?? '', 'Strict-Transport-Security').toMatch(/^max-age=31536000\b/)
  const isJson = (mediaTypeOf(response) ?? '').endsWith('json')
  if (isJson && new URL(request.url).pathname.startsWith('/v1/') && !isFile(request))
    expect(headers.get('Cache-Control'), 'Cache-Control').toBe('no-store')
  if (status === 401) expect(headers.get('WWW-Authenticate') ?? '', 'WWW-Authenticate').toMatch(/^Bearer\b/)
  if (status === 405) expect(headers.get('Allow') ?? '', 'Allow').toMatch(/^[A-Z]+(, [A-Z]+)*$/)
  if (status === 429 || status === 503) expect(headers.get('Retry-After') ?? '', 'Retry-After').toMatch(/^[1-9]\d*$/)
}

const ProblemBody = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  code: z.enum(Object.keys(problems)),
  requestId: z.string(),
})

function checkProblem(response: Response, body: unknown) {
  expect(mediaTypeOf(response), `the content type of a ${response.status}`).toBe('application/problem+json')
  const { code, status, title, type, requestId } = ProblemBody.parse(body)
  expect({ status, title, type, requestId }).toEqual({
    ...Object.entries(problems).find(([known]) => known === code)?.[1],
    type: `urn:problem-type:${code}`,
    requestId: response.headers.get('X-Request-Id'),
  })
  expect(status, `the HTTP status of ${code}`).toBe(response.status)
}

function checkSchema(where: string, schema: JsonSchema, body: unknown) {
  expect(schemaErrors(schema, body), `${where}: the body under the document's schema`).toEqual([])
  expect(undeclaredProperties([schema], body), `${where}: properties that the document does not declare`).toEqual([])
}

/** The schemas are the source of the document and of the types: parsing drops and changes nothing in the body. */
function checkIdentity(operationId: string, status: number, mediaType: string, body: unknown) {
  const responses = operations.find(({ route }) => route.operationId === operationId)?.route.responses
  const declared = responses?.[status]
  const media = declared && 'content' in declared ? declared.content?.[mediaType] : undefined
  const schema = media && 'schema' in media ? media.schema : undefined
  if (!(schema instanceof z.ZodType)) throw new Error(`${operationId} ${status} has no schema of its own`)
  expect(schema.parse(body), `${operationId} ${status}: the body parsed by its own schema`).toStrictEqual(body)
}

function checkDeclared(operation: DocumentedOperationAt, request: Request, response: Response, body: unknown) {
  const where = `${operation.operationId} ${response.status}`
  const declared = operation.responses[response.status]
  if (!declared) throw new Error(`${where}: the document does not declare this status: ${JSON.stringify(body)}`)
  produced.add(where)
  const mediaType = mediaTypeOf(response)
  if (!mediaType) return expect(response.body, `${where}: a body without a content type`).toBeNull()
  const key = declaredKey(declared.content ?? {}, mediaType)
  const media = key && declared.content?.[key]
  if (!media) throw new Error(`${where}: the document does not declare ${mediaType}`)
  if (request.method === 'HEAD' || key === anyBytes || !isJson(mediaType)) return
  if (!media.schema) throw new Error(`${where}: the document has no schema for ${mediaType}`)
  checkSchema(where, media.schema, body)
  checkIdentity(operation.operationId, response.status, key, body)
  if (response.status < 400) return
  const { code } = ProblemBody.parse(body)
  expect(Object.keys(media.examples ?? {}), `${where}: the codes that the document lists`).toContain(code)
}

/** Fails the running test when the response breaks what the document says of its operation, or what holds for all. */
export async function checkResponse(request: Request, response: Response, body: unknown, corsOrigins: string) {
  checkHeaders(request, response, corsOrigins)
  if (request.method === 'HEAD') expect(await response.clone().text(), 'the body of a HEAD').toBe('')
  else if (response.status >= 400) checkProblem(response, body)

  const { pathname } = new URL(request.url)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const operation = operationsAt(pathname).find((one) => one.method === method)
  if (operation) checkDeclared(operation, request, response, body)
  else if (method !== 'OPTIONS' && pathname.startsWith('/v1/'))
    expect(response.status, `${method} ${pathname} is in no document`).toBeGreaterThanOrEqual(400)
}
