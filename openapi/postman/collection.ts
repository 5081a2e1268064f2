import { STATUS_CODES } from 'node:http'
import { documentText } from '../document'
import type { OperationExamples } from '../examples/operation-examples'
import * as operationExamples from '../operations'
import { type Folder, foldersOf, type Step } from './folders'
import { eventsOf, refreshWhenExpired } from './scripts'
import { story } from './story'

const examplesOf: Record<string, OperationExamples> = operationExamples

/**
 * The collection is built here rather than converted from the document: a conversion knows neither an order in which every
 * request succeeds nor what one response must pass to the next request, and it differs on every run.
 */

interface Example {
  summary: string
  value: object
}

interface Part {
  content?: Record<string, { examples?: Record<string, Example> }>
}

interface Operation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  parameters?: { name: string; in: string; description: string; example?: unknown }[]
  requestBody?: Part
  responses: Record<string, Part>
  method: string
  path: string
}

interface OpenApi {
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, Operation>>
}

const schema = 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json'

const usage = `
Every operation of the API, as requests that you can run from first to last against a fresh \`npm start\`. Also import the environment that comes with this collection, and select it.

1. Send the two requests for **Ben**: send \`sendOtp\`, enter the code that the server printed in its terminal in the environment variable \`code\`, then send \`verifyOtp\`. Then do the same for **Ana**.
2. Everything after that runs on its own, request by request or all at once: each request takes what it needs from variables set by earlier responses. Tokens are stored, and refreshed before they expire.

Uploads send \`docs/lighthouse.jpg\`: set Postman's working directory to the repository, or select another file in the request. You can request one code per minute for each number.
`.trim()

const openWebSocket =
  'In Postman, open a WebSocket request to `ws://localhost:8787/v1/realtime?ticket={{ticket}}` instead, within the 30 seconds that the ticket is valid. As an HTTP request, it shows what the server returns to a client that does not upgrade.'

function operationsOf({ paths }: OpenApi): Map<string, Operation> {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  )
  return new Map(all.map((operation) => [operation.operationId, operation]))
}

/** The parameters that the step sends, followed by the operation's other parameters, disabled. */
function parametersOf({ parameters = [] }: Operation, place: string, sent: Record<string, string> = {}) {
  const known = parameters.filter((parameter) => parameter.in === place)
  const undocumented = Object.entries(sent).filter(([key]) => !known.some(({ name }) => name === key))
  return [
    ...undocumented.map(([key, value]) => ({ key, value })),
    ...known.map(({ name, description, example = '' }) => {
      const value = sent[name]
      return value === undefined
        ? { key: name, value: String(example), description, disabled: true }
        : { key: name, value, description }
    }),
  ]
}

function urlOf(operation: Operation, { params = {}, query }: Step) {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1')
  const sent = Object.entries(query ?? {}).map(([key, value]) => `${key}=${value}`)
  return {
    raw: `{{baseUrl}}${path}${sent.length > 0 ? `?${sent.join('&')}` : ''}`,
    host: ['{{baseUrl}}'],
    path: path.slice(1).split('/'),
    query: parametersOf(operation, 'query', query),
    variable: parametersOf(operation, 'path', params),
  }
}

function bodyOf({ body, form, file }: Step) {
  if (form) return { mode: 'formdata', formdata: [{ key: 'file', type: 'file', src: form }] }
  if (file) return { mode: 'file', file: { src: file } }
  if (body) return { mode: 'raw', raw: JSON.stringify(body, null, 2), options: { raw: { language: 'json' } } }
  return undefined
}

const bearer = (who: string) => ({
  type: 'bearer',
  bearer: [{ key: 'token', value: `{{${who}AccessToken}}`, type: 'string' }],
})

// Postman cannot open a WebSocket with an HTTP request, and some of its versions refuse to send these headers.
const unsendable = ['Upgrade', 'Sec-WebSocket-Protocol']

function requestOf(operation: Operation, step: Step) {
  const body = bodyOf(step)
  const headers = { ...(step.body && { 'Content-Type': 'application/json' }), ...step.headers }
  return {
    method: operation.method,
    ...(step.as === 'nobody' && { auth: { type: 'noauth' } }),
    ...(step.as === 'ben' && { auth: bearer('ben') }),
    header: parametersOf(operation, 'header', headers).filter(({ key }) => !unsendable.includes(key)),
    ...(body && { body }),
    url: urlOf(operation, step),
    description: operation.operationId === 'connectRealtime' ? openWebSocket : operation.description,
  }
}

interface Saved {
  code: number
  type: string
  example: Example
}

/** The documented successes, and the problem that the operation is most likely to return. */
function savedOf({ operationId, responses }: Operation): Saved[] {
  const likeliest = examplesOf[operationId]?.problem.code
  return Object.entries(responses).flatMap(([status, { content = {} }]) =>
    Object.entries(content).flatMap(([type, { examples = {} }]) =>
      Object.entries(examples)
        .filter(([name]) => /^2/.test(status) || name === likeliest)
        .map(([, example]) => ({ code: Number(status), type, example })),
    ),
  )
}

const savedResponse = (request: object, { code, type, example }: Saved) => ({
  name: `${code}: ${example.summary}`,
  originalRequest: request,
  code,
  status: STATUS_CODES[code],
  _postman_previewlanguage: 'json',
  header: [{ key: 'Content-Type', value: type }],
  body: JSON.stringify(example.value, null, 2),
})

/** IDs such as `verifyOtp`, and `verifyOtp-2` for the second request of the same operation. */
function idsOf(steps: Step[]): Map<Step, string> {
  const counts = new Map<string, number>()
  return new Map(
    steps.map((step) => {
      const count = (counts.get(step.operationId) ?? 0) + 1
      counts.set(step.operationId, count)
      return [step, count === 1 ? step.operationId : `${step.operationId}-${count}`]
    }),
  )
}

function buildCollection(openApi: OpenApi) {
  const operations = operationsOf(openApi)
  const folders = foldersOf(story, examplesOf, (operationId) => operations.get(operationId)?.tags[0])
  const ids = idsOf(folders.flatMap(({ steps }) => steps))
  const itemOf = (step: Step) => {
    const operation = operations.get(step.operationId)
    if (!operation) throw new Error(`The document has no operation ${step.operationId}.`)
    const request = requestOf(operation, step)
    const id = ids.get(step)
    const isFirst = id === step.operationId
    return {
      id,
      name: step.note ? `${operation.summary} (${step.note})` : operation.summary,
      event: eventsOf(step),
      request,
      response: isFirst ? savedOf(operation).map((saved) => savedResponse(request, saved)) : [],
    }
  }
  const folderOf = ({ name, steps }: Folder) => ({
    name,
    description: openApi.tags.find((tag) => tag.name === name)?.description ?? '',
    item: steps.map(itemOf),
  })
  return {
    info: { name: openApi.info.title, version: openApi.info.version, description: usage, schema },
    auth: bearer('ana'),
    event: [refreshWhenExpired],
    item: folders.map(folderOf),
  }
}

/** The Postman collection as it is committed. */
export const postmanCollectionText = (): string =>
  `${JSON.stringify(buildCollection(JSON.parse(documentText())), null, 2)}\n`
